package source

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Open reads a target that needs no cluster. stdin is used for KindStdin.
func Open(options ChartOptions, stdin io.Reader) (*Source, error) {
	target := options.Target
	stream := StreamOptions{Given: target.Given, Release: options.Release}
	switch target.Kind {
	case KindStdin:
		return FromStdin(stdin, stream)
	case KindFile:
		if looksLikeArchive(target.Ref) {
			return FromChart(options)
		}
		return FromFile(target.Ref, stream)
	case KindChart, KindURL, KindRepo:
		return FromChart(options)
	case KindRelease, KindHelmRelease, KindApplication:
		return nil, fmt.Errorf("%s is a %s, which takes a cluster to read", target.Given, target.Kind)
	}
	return nil, fmt.Errorf("unknown kind of source %q", target.Kind)
}

// looksLikeArchive tells a chart archive without the usual ending.
func looksLikeArchive(name string) bool {
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json") {
		return false
	}
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 3)
	if _, err := io.ReadFull(file, start); err != nil {
		return false
	}
	return isGzip(start)
}
