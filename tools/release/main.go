// Command release builds a release into a folder: an archive for each platform, a bill of materials, the manifest
// for krew, checksums and, with a key, signatures. The same sources and the same Go give the same bytes, signatures
// apart.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// name is the program, the folder in each archive and the first part of each file's name.
const name = "helm-hooks"

// maxBinary is what a binary may have, in bytes.
const maxBinary = 60 << 20

// options are what the command line says.
type options struct {
	root, out string
	version   string
	platforms []platform
	baseURL   string
	signKey   string
}

func main() {
	// Everybody sees a command line, so the passphrase is not on it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Getenv("SIGN_PASSPHRASE"), os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, passphrase string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := checkVersion(o.root, o.version); err != nil {
		return err
	}
	var key *packet.PrivateKey
	if o.signKey != "" {
		if key, err = readKey(o.signKey, passphrase); err != nil {
			return fmt.Errorf("read the key %s: %w", o.signKey, err)
		}
	}
	// Nothing is in the folder before everything is made.
	temp, err := os.MkdirTemp("", "helm-hooks-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	d := &draft{dir: temp}
	if err := o.make(ctx, d, key, out); err != nil {
		return err
	}
	return publish(d, o.out)
}

func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	var o options
	var platforms string
	flags.StringVar(&o.root, "root", ".", "the checkout")
	flags.StringVar(&o.out, "out", "dist", "where the release goes")
	flags.StringVar(&o.version, "version", "", "the version, as plugin.yaml says it")
	flags.StringVar(&platforms, "platforms", "", "OS/ARCH, separated by blanks")
	flags.StringVar(&o.baseURL, "url", "https://github.com/helm-hooks/helm-hooks/releases/download", "where releases are published: URL/vVERSION/FILE")
	flags.StringVar(&o.signKey, "sign-key", "", "an OpenPGP private key, as gpg --export-secret-keys writes it; SIGN_PASSPHRASE unlocks it")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	for _, word := range strings.Fields(platforms) {
		system, arch, ok := strings.Cut(word, "/")
		if !ok {
			return o, fmt.Errorf("platform %q is not of the form OS/ARCH", word)
		}
		o.platforms = append(o.platforms, platform{OS: system, Arch: arch})
	}
	if len(o.platforms) == 0 || flags.NArg() > 0 {
		return o, errors.New("needs -platforms, and no arguments")
	}
	return o, nil
}

var (
	semver        = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	versionOfYAML = regexp.MustCompile(`(?m)^version: (\S+)$`)
)

// checkVersion compares with plugin.yaml: the install script asks for the archive that plugin.yaml names.
func checkVersion(root, version string) error {
	data, err := os.ReadFile(filepath.Join(root, "plugin.yaml"))
	if err != nil {
		return err
	}
	match := versionOfYAML.FindSubmatch(data)
	if match == nil {
		return errors.New("plugin.yaml has no line with a version")
	}
	if said := string(match[1]); said != version {
		return fmt.Errorf("the version is %q, but plugin.yaml says %q", version, said)
	}
	if !semver.MatchString(version) {
		return fmt.Errorf("version %q is not of the form 1.2.3", version)
	}
	return nil
}

// draft is a release in the making: a folder, and what is to be published of it.
type draft struct {
	dir   string
	files []string
}

func (d *draft) write(name string, data []byte) error {
	d.files = append(d.files, name)
	return os.WriteFile(filepath.Join(d.dir, name), data, 0o644)
}

// make puts all files of the release into the draft.
func (o options) make(ctx context.Context, d *draft, key *packet.PrivateKey, out io.Writer) error {
	var archives []archive
	var linked []inventory
	for _, p := range o.platforms {
		packed, inside, err := o.makeArchive(ctx, d, p, out)
		if err != nil {
			return err
		}
		archives, linked = append(archives, packed), append(linked, inside)
	}
	bom, err := billOfMaterials(o.version, linked)
	if err != nil {
		return fmt.Errorf("make the bill of materials: %w", err)
	}
	manifest, err := krewManifest(o.root, o.version, archives)
	if err != nil {
		return fmt.Errorf("make krew's manifest: %w", err)
	}
	if err := errors.Join(d.write(name+"-"+o.version+".cdx.json", bom), d.write("hooks.yaml", manifest)); err != nil {
		return err
	}
	sums, err := checksums(d.dir, d.files)
	if err != nil {
		return err
	}
	if err := d.write(checksumFile, sums); err != nil || key == nil {
		return err
	}
	for _, a := range archives {
		signed, err := sign(key, o.version, a)
		if err != nil {
			return fmt.Errorf("sign %s: %w", a.File, err)
		}
		if err := d.write(a.File+".prov", signed); err != nil {
			return err
		}
	}
	return nil
}

// makeArchive builds and packs one platform.
func (o options) makeArchive(ctx context.Context, d *draft, p platform, out io.Writer) (archive, inventory, error) {
	binary := filepath.Join(d.dir, p.OS+"-"+p.Arch)
	if err := build(ctx, o.root, binary, p, o.version); err != nil {
		return archive{}, inventory{}, err
	}
	defer os.Remove(binary)
	inside, err := takeInventory(ctx, o.root, binary, p)
	if err != nil {
		return archive{}, inventory{}, err
	}
	entries, err := contents(o.root, binary, p, notices(o.version, inside))
	if err != nil {
		return archive{}, inventory{}, err
	}
	packed := archive{platform: p, File: fmt.Sprintf("%s-%s-%s-%s.tar.gz", name, o.version, p.OS, p.Arch)}
	packed.URL = o.baseURL + "/v" + o.version + "/" + packed.File
	if packed.SHA256, err = pack(filepath.Join(d.dir, packed.File), entries); err != nil {
		return archive{}, inventory{}, err
	}
	d.files = append(d.files, packed.File)
	return packed, inside, report(out, binary, filepath.Join(d.dir, packed.File))
}

func report(out io.Writer, binary, packed string) error {
	loose, err := os.Stat(binary)
	if err != nil {
		return err
	}
	tight, err := os.Stat(packed)
	if err != nil {
		return err
	}
	const mib = 1 << 20
	fmt.Fprintf(out, "%-44s %5.1f MiB, the binary %5.1f MiB\n", filepath.Base(packed), float64(tight.Size())/mib, float64(loose.Size())/mib)
	if loose.Size() > maxBinary {
		return fmt.Errorf("the binary of %s has %d bytes, more than %d", filepath.Base(packed), loose.Size(), maxBinary)
	}
	return nil
}
