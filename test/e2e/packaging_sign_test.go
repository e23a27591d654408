//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

// key is a throw-away key: private as `gpg --export-secret-keys` writes it, public as users have it.
type key struct{ private, public string }

func newKey(t *testing.T, name, passphrase string, armoured bool) key {
	t.Helper()
	entity, err := openpgp.NewEntity(name, "throw-away", "e2e@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	var public, private bytes.Buffer
	if err := entity.Serialize(&public); err != nil {
		t.Fatal(err)
	}
	if passphrase != "" {
		if err := entity.EncryptPrivateKeys([]byte(passphrase), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := entity.SerializePrivateWithoutSigning(&private, nil); err != nil {
		t.Fatal(err)
	}
	if armoured {
		var wrapped bytes.Buffer
		w, err := armor.Encode(&wrapped, openpgp.PrivateKeyType, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(private.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		private = wrapped
	}
	dir := t.TempDir()
	k := key{private: filepath.Join(dir, "private"), public: filepath.Join(dir, "public")}
	for path, data := range map[string][]byte{k.private: private.Bytes(), k.public: public.Bytes()} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// helm4 is the Helm that knows signatures.
func helm4() helm {
	all := helms()
	return all[slices.IndexFunc(all, func(h helm) bool { return h.engine == "helm4" })]
}

// With a key, Helm 4 verifies and installs the archive, from a file and from a URL, as it does by default.
func TestSignedArchive(t *testing.T) {
	key := newKey(t, "Release Key", "a secret", true)
	t.Setenv("SIGN_PASSPHRASE", "a secret")
	r := makeRelease(t, filepath.Join(t.TempDir(), "helm-hooks"), pluginVersion(t), "PLATFORMS="+here, "SIGN_KEY="+key.private)
	helm := helm4()
	verified := newHome(t).mustRun(t, helm.path(), "plugin", "verify", r.archive(), "--keyring", key.public)
	for _, want := range []string{"Signed by: Release Key (throw-away) <e2e@example.com>", "Plugin Hash Verified: sha256:"} {
		if !strings.Contains(verified, want) {
			t.Errorf("plugin verify does not say %q:\n%s", want, verified)
		}
	}
	page := serve(t, r)
	for _, source := range []string{r.archive(), page.URL + "/v" + r.version + "/" + r.file(here)} {
		home := newHome(t)
		got := home.run(t, helm.path(), "plugin", "install", source, "--keyring", key.public)
		got.succeeds(t, "plugin install "+source)
		if !strings.Contains(got.stdout, "Plugin Hash Verified") {
			t.Errorf("plugin install says %s", got.stdout)
		}
		works(t, home, helm, r.version)
	}
	// Helm 3 knows no signatures and installs the same files.
	home := newHome(t)
	got := helms()[0].install(t, home, page.URL+"/v"+r.version+"/"+r.file(here))
	got.succeeds(t, "plugin install with Helm 3")
	refusesWhatChanged(t, r, key)
}

func refusesWhatChanged(t *testing.T, r release, right key) {
	t.Helper()
	archive, prov := read(t, r.archive()), read(t, r.archive()+".prov")
	changed := slices.Clone(archive)
	changed[len(changed)/2] ^= 1
	stranger := newKey(t, "Somebody Else", "", false)
	otherSum := bytes.Replace(prov, []byte("sha256:"), []byte("sha256:0"), 1)
	for _, c := range []struct {
		name, file    string
		archive, prov []byte
		keyring       string
		want          string
	}{
		{"a changed byte", r.file(here), changed, prov, right.public, "sha256 sum does not match"},
		{"another name", "other-" + r.file(here), archive, prov, right.public, "does not contain a SHA for a file named"},
		{"another sum", r.file(here), archive, otherSum, right.public, "openpgp"},
		{"a stranger's key", r.file(here), archive, prov, stranger.public, "openpgp"},
		{"no signature", r.file(here), archive, nil, right.public, "prov"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, c.archive, 0o644); err != nil {
				t.Fatal(err)
			}
			if c.prov != nil {
				if err := os.WriteFile(path+".prov", c.prov, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, command := range []string{"verify", "install"} {
				home := newHome(t)
				got := home.run(t, helm4().path(), "plugin", command, path, "--keyring", c.keyring)
				if got.code == 0 || !strings.Contains(got.stderr, c.want) {
					t.Errorf("plugin %s: want %q, got %+v", command, c.want, got)
				}
				gone(t, home, helm4())
			}
		})
	}
}

// What is wrong with a key is said before anything is in dist/.
func TestSigningRefuses(t *testing.T) {
	locked := newKey(t, "Locked", "a secret", false)
	public := newKey(t, "Public", "", false).public
	for _, c := range []struct{ name, key, passphrase, want string }{
		{"no such key", "/nowhere/key", "", "no such file"},
		{"a public key", public, "", "no private key"},
		{"a locked key", locked.private, "", "SIGN_PASSPHRASE"},
		{"a wrong passphrase", locked.private, "wrong", "read the key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dist := filepath.Join(t.TempDir(), "dist")
			cmd := exec.Command(
				"go", "run", "./release", "-root", at.checkout, "-out", dist,
				"-version", pluginVersion(t), "-platforms", here, "-sign-key", c.key,
			)
			cmd.Dir = filepath.Join(at.checkout, "tools")
			cmd.Env = append(os.Environ(), "SIGN_PASSPHRASE="+c.passphrase)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) {
				t.Errorf("want %q, got %v: %s", c.want, err, out)
			}
			if left := namesIn(t, dist); len(left) > 0 {
				t.Errorf("dist has %v", left)
			}
		})
	}
}
