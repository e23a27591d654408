package helm3

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"helm.sh/helm/v3/pkg/helmpath"
	"helm.sh/helm/v3/pkg/provenance"
	"helm.sh/helm/v3/pkg/registry"
)

// Locate turns a chart reference into the path of a folder or archive, downloading into Helm's
// repository cache where needed: LocateChart of v3 pkg/action/install.go with the flags of
// cmd/helm/install.go. Helm 4 keeps downloads in another cache, the result is the same.
func Locate(ref string, options LocateOptions) (string, error) {
	name, version := strings.TrimSpace(ref), strings.TrimSpace(options.Version)
	if version == "" && options.Devel {
		version = ">0.0.0-0"
	}
	if options.RepoURL == "" || !options.Helm4 {
		if _, err := os.Stat(name); err == nil {
			return options.local(name)
		}
		if filepath.IsAbs(name) || strings.HasPrefix(name, ".") {
			return "", fmt.Errorf("path %q not found", name)
		}
	}
	how := options.access()
	if options.RepoURL != "" {
		found, err := options.findInRepository(name, version)
		if err != nil {
			return "", err
		}
		same, err := sameHost(options.RepoURL, found)
		if err != nil {
			return "", err
		}
		if !same && !options.PassCredentialsAll {
			how.username, how.password = "", ""
		}
		name = found
	}
	return options.download(name, version, how)
}

// DefaultKeyring is where Helm looks for keys without --keyring (v3 cmd/helm/dependency_build.go: defaultKeyring).
func DefaultKeyring() string {
	if home, ok := os.LookupEnv("GNUPGHOME"); ok {
		return filepath.Join(home, "pubring.gpg")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".gnupg", "pubring.gpg")
}

func (o LocateOptions) access() access {
	return access{
		username: o.Username, password: o.Password, passCredentialsAll: o.PassCredentialsAll,
		certFile: o.CertFile, keyFile: o.KeyFile, caFile: o.CaFile, insecureSkipVerify: o.InsecureSkipTLSVerify,
	}
}

func (o LocateOptions) getters() getters { return getters{settings: o.Settings, stderr: o.Stderr} }

func (o LocateOptions) local(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if o.Verify {
		return full, o.verify(full)
	}
	return full, nil
}

// findInRepository is FindChartInAuthAndTLSAndPassRepoURL of v3 pkg/repo/chartrepo.go, without the index
// on disk.
func (o LocateOptions) findInRepository(name, version string) (string, error) {
	unreachable := func(err error) error {
		return fmt.Errorf("looks like %q is not a valid chart repository or cannot be reached: %w", o.RepoURL, err)
	}
	base, err := url.Parse(o.RepoURL)
	if err != nil {
		return "", fmt.Errorf("invalid chart URL format: %s", o.RepoURL)
	}
	fetch, err := o.getters().forScheme(base.Scheme)
	if err != nil {
		return "", fmt.Errorf("could not find protocol handler for: %s", base.Scheme)
	}
	indexURL, err := resolveURL(o.RepoURL, "index.yaml")
	if err != nil {
		return "", unreachable(err)
	}
	how := o.access()
	how.from = o.RepoURL
	data, err := fetch(indexURL, how)
	if err != nil {
		return "", unreachable(err)
	}
	parsed, err := parseIndex(data)
	if err != nil {
		return "", unreachable(err)
	}
	what := fmt.Sprintf("chart %q", name)
	if version != "" {
		what += fmt.Sprintf(" version %q", version)
	}
	entry, err := parsed.get(name, version)
	if err != nil {
		return "", fmt.Errorf("%s not found in %s repository", what, o.RepoURL)
	}
	if len(entry.URLs) == 0 {
		return "", fmt.Errorf("%s has no downloadable URLs", what)
	}
	found, err := resolveURL(o.RepoURL, entry.URLs[0])
	if err != nil {
		return "", fmt.Errorf("failed to make chart URL absolute: %w", err)
	}
	return found, nil
}

// download is DownloadTo of v3 pkg/downloader/chart_downloader.go.
func (o LocateOptions) download(ref, version string, how access) (string, error) {
	u, err := o.resolve(ref, version, &how)
	if err != nil {
		return "", err
	}
	fetch, err := o.getters().forScheme(u.Scheme)
	if err != nil {
		return "", err
	}
	how.accept = "application/gzip,application/octet-stream"
	data, err := fetch(u.String(), how)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(o.RepositoryCache, 0o755); err != nil {
		return "", err
	}
	file, err := filepath.Abs(filepath.Join(o.RepositoryCache, archiveName(u)))
	if err != nil {
		return "", err
	}
	if err := writeAtomically(file, data); err != nil {
		return "", err
	}
	if !o.Verify {
		return file, nil
	}
	signature, err := fetch(u.String()+".prov", how)
	if err != nil {
		return "", fmt.Errorf("failed to fetch provenance %q", u.String()+".prov")
	}
	if err := writeAtomically(file+".prov", signature); err != nil {
		return "", err
	}
	return file, o.verify(file)
}

func archiveName(u *url.URL) string {
	name := path.Base(u.Path)
	if u.Scheme == registry.OCIScheme {
		if at := strings.LastIndexByte(name, ':'); at >= 0 {
			name = name[:at] + "-" + name[at+1:] + ".tgz"
		}
	}
	if name == "." || name == ".." || name == "/" {
		return "chart.tgz"
	}
	return name
}

// resolve is ResolveChartVersion of v3 pkg/downloader/chart_downloader.go: the URL of a chart, and in how
// the credentials that the repository file has for it.
func (o LocateOptions) resolve(ref, version string, how *access) (*url.URL, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, fmt.Errorf("invalid chart URL format: %s", ref)
	}
	if registry.IsOCI(ref) {
		if how.registry, err = registryClient(o); err != nil {
			return nil, err
		}
		return how.registry.ValidateReference(ref, version, u)
	}
	known, err := o.repositories()
	if err != nil {
		return nil, err
	}
	if u.IsAbs() && u.Host != "" && u.Path != "" {
		how.from = ref
		owner, err := o.ownerOf(ref, known)
		if owner != nil {
			owner.lend(how)
		}
		return u, err
	}
	name, chartName, ok := strings.Cut(u.Path, "/")
	if !ok {
		return nil, fmt.Errorf("non-absolute URLs should be in form of repo_name/path_to_chart, got: %s", u)
	}
	for _, entry := range known {
		if entry.Name == name {
			entry.lend(how)
			return o.inRepository(entry, chartName, version, ref)
		}
	}
	return nil, fmt.Errorf("repo %s not found", name)
}

// lend gives a download what the repository file says about its repository.
func (r repository) lend(how *access) {
	how.from = r.URL
	if r.CertFile != "" || r.KeyFile != "" || r.CAFile != "" {
		how.certFile, how.keyFile, how.caFile = r.CertFile, r.KeyFile, r.CAFile
	}
	if r.Username != "" && r.Password != "" {
		how.username, how.password, how.passCredentialsAll = r.Username, r.Password, r.PassCredentialsAll
	}
}

func (o LocateOptions) inRepository(entry repository, name, version, ref string) (*url.URL, error) {
	if entry.URL == "" {
		return nil, fmt.Errorf("no URL found for repository %s", entry.Name)
	}
	cached, err := o.cachedIndex(entry.Name)
	if err != nil {
		return nil, fmt.Errorf("no cached repo found. (try 'helm repo update'): %w", err)
	}
	found, err := cached.get(name, version)
	if err != nil {
		return nil, fmt.Errorf("chart %q matching %s not found in %s index. (try 'helm repo update'): %w", name, version, entry.Name, err)
	}
	if len(found.URLs) == 0 {
		return nil, fmt.Errorf("chart %q has no downloadable URLs", ref)
	}
	resolved, err := resolveURL(entry.URL, found.URLs[0])
	if err != nil {
		return nil, fmt.Errorf("invalid chart URL format: %s", ref)
	}
	return url.Parse(resolved)
}

// ownerOf finds the repository that offers the URL (v3 pkg/downloader/chart_downloader.go:
// scanReposForURL). An index that does not even hold the file's name is not parsed, which takes seconds
// for large ones.
func (o LocateOptions) ownerOf(ref string, known []repository) (*repository, error) {
	for _, entry := range known {
		name := filepath.Join(o.RepositoryCache, helmpath.CacheIndexFile(entry.Name))
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("no cached repo found. (try 'helm repo update'): %w", err)
		}
		if !bytes.Contains(data, []byte(path.Base(ref))) {
			continue
		}
		cached, err := parseIndex(data)
		if err != nil {
			return nil, fmt.Errorf("no cached repo found. (try 'helm repo update'): error loading %s: %w", name, err)
		}
		if cached.holds(ref) {
			return &entry, nil
		}
	}
	return nil, nil
}

// verify is VerifyChart of v3 pkg/downloader/chart_downloader.go.
func (o LocateOptions) verify(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("unpacked charts cannot be verified")
	case !strings.EqualFold(filepath.Ext(file), ".tgz"):
		return errors.New("chart must be a tgz file")
	}
	if _, err := os.Stat(file + ".prov"); err != nil {
		return fmt.Errorf("could not load provenance file %s: %w", file+".prov", err)
	}
	keys, err := provenance.NewFromKeyring(o.Keyring, "")
	if err != nil {
		return fmt.Errorf("failed to load keyring: %w", err)
	}
	_, err = keys.Verify(file, file+".prov")
	return err
}

// writeAtomically is AtomicWriteFile of v3 internal/fileutil/fileutil.go: another Helm may read the cache.
func writeAtomically(name string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name))
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if _, err := temp.Write(data); err != nil {
		temp.Close()
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Chmod(temp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}
