package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf16"
	"unicode/utf8"
)

// maxStream bounds rendered YAML. The largest release that Helm can store is some 1 MiB packed.
const maxStream = 256 << 20

// Input is one piece of rendered YAML.
type Input struct {
	// Name is the file as the user named it; empty for standard input.
	Name   string
	Reader io.Reader
}

func (i Input) label() string {
	if i.Name == "" {
		return standardInputName
	}
	return i.Name
}

// read gives the input's text, of at most limit bytes.
func (i Input) read(limit int64) (string, error) {
	data, err := io.ReadAll(io.LimitReader(i.Reader, limit+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", i.label(), err)
	}
	if int64(len(data)) > limit {
		return "", fmt.Errorf("read %s: more than %d MiB of rendered YAML", i.label(), limit>>20)
	}
	return decode(i.label(), data)
}

// decode takes off a byte order mark and turns the UTF-16 that Windows PowerShell writes for > into UTF-8.
func decode(label string, data []byte) (string, error) {
	switch {
	case isGzip(data):
		return "", &Error{fmt.Errorf("%s is a gzipped archive, not YAML", label), "a chart archive is named by its path: helm hooks plan ./chart.tgz"}
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return decodeUTF16(label, data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return decodeUTF16(label, data[2:], binary.BigEndian)
	}
	if !utf8.Valid(data) {
		return "", fmt.Errorf("%s is not UTF-8 text", label)
	}
	return string(data), nil
}

func decodeUTF16(label string, data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", fmt.Errorf("%s is not UTF-8 text", label)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1F, 0x8B, 0x08}) }

// openFile opens a file of rendered YAML. The caller closes it.
func openFile(name string) (*os.File, error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, noSuch(name)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return file, nil
}
