package record

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxUnpacked bounds a record when it is unpacked. A Secret holds a megabyte at most; packed text of charts
// unpacks to about ten times its size, a hostile one to a thousand times.
const maxUnpacked = 64 << 20

// What can be wrong with a record.
var (
	ErrTooLarge  = errors.New("record too large after unpacking")
	ErrTruncated = errors.New("record cut short")
	ErrCorrupt   = errors.New("record corrupt")
	ErrNoRelease = errors.New("not a release record of Helm 3 or 4")
)

// Decode reads the text of a record's data key: base64 of gzip of JSON, or of JSON alone as the first Helm 3 wrote
// it (v3 and v4 pkg/storage/driver/util.go decodeRelease). For a Secret it is what remains when Kubernetes' own
// base64 is off.
func Decode(data []byte) (*Release, error) {
	text, err := unpack(data)
	if err != nil {
		return nil, err
	}
	return read(text)
}

// read makes a release of the JSON of a record.
func read(text []byte) (*Release, error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, ErrTooLarge):
			return nil, err
		case errors.As(err, &syntax) && syntax.Offset >= int64(len(text)):
			return nil, fmt.Errorf("%w: %w", ErrTruncated, err)
		case errors.As(err, &syntax):
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		return nil, fmt.Errorf("%w: %w", ErrNoRelease, err)
	}
	return s.release()
}

func unpack(data []byte) ([]byte, error) {
	packed, isPacked, err := unwrap(data, nil)
	if err != nil {
		return nil, err
	}
	if !isPacked {
		return bounded(packed)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, gzipError(err)
	}
	defer reader.Close()
	text, err := io.ReadAll(io.LimitReader(reader, maxUnpacked+1))
	if err != nil {
		return nil, gzipError(err)
	}
	return bounded(text)
}

// unwrap takes the base64 off and says whether gzip is below it. room is used for the result where it suffices.
func unwrap(data, room []byte) (packed []byte, isPacked bool, err error) {
	if len(data) == 0 {
		return room, false, fmt.Errorf("%w: it is empty", ErrNoRelease)
	}
	packed = slices.Grow(room[:0], base64.StdEncoding.DecodedLen(len(data)))
	packed = packed[:cap(packed)]
	n, err := base64.StdEncoding.Decode(packed, data)
	if err != nil {
		// A text that breaks off in the middle of four letters was cut, any other was overwritten.
		if at, ok := errors.AsType[base64.CorruptInputError](err); ok && int(at) >= len(bytes.TrimRight(data, "\r\n"))&^3 {
			return packed, false, fmt.Errorf("%w: base64: %w", ErrTruncated, err)
		}
		return packed, false, fmt.Errorf("%w: base64: %w", ErrCorrupt, err)
	}
	packed = packed[:n]
	// Helm looks at the first three bytes of more than three.
	return packed, len(packed) > 3 && bytes.HasPrefix(packed, []byte{0x1f, 0x8b, 0x08}), nil
}

func bounded(text []byte) ([]byte, error) {
	if len(text) > maxUnpacked {
		return nil, errTooLarge()
	}
	return text, nil
}

func errTooLarge() error { return fmt.Errorf("%w: more than %d MiB", ErrTooLarge, maxUnpacked>>20) }

func gzipError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: gzip: %w", ErrTruncated, err)
	}
	return fmt.Errorf("%w: gzip: %w", ErrCorrupt, err)
}
