package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Light decodes many records one after another, each as Decode does, but for what takes up the room: of the chart
// only name and versions are kept, and the values, the manifests and the notes are left out. They stream by and are
// never held, so that the next record needs no memory that the one before did not. The zero value is ready; it is
// for one goroutine.
type Light struct {
	packed []byte
	zip    gzip.Reader
	in     bufio.Reader
	kept   bytes.Buffer
}

// maxRoom is how much memory one record leaves to the next: a single odd one must not be felt to the end.
const maxRoom = 1 << 20

// Decode reads one record.
func (l *Light) Decode(data []byte) (*Release, error) {
	var isPacked bool
	var err error
	if l.packed, isPacked, err = unwrap(data, l.packed); err != nil {
		return nil, err
	}
	text := &io.LimitedReader{R: bytes.NewReader(l.packed), N: maxUnpacked + 1}
	if isPacked {
		if err := l.zip.Reset(bytes.NewReader(l.packed)); err != nil {
			return nil, gzipError(err)
		}
		text.R = &l.zip
	}
	l.in.Reset(text)
	if l.kept.Reset(); l.kept.Cap() > maxRoom {
		l.kept = bytes.Buffer{}
	}
	err = l.prune()
	switch {
	case text.N <= 0:
		return nil, errTooLarge()
	case err != nil && isPacked && !errors.Is(err, errSyntax) && !errors.Is(err, errEnd):
		return nil, gzipError(err)
	case errors.Is(err, errEnd):
		return nil, fmt.Errorf("%w: %w", ErrTruncated, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	release, err := read(l.kept.Bytes())
	if err != nil {
		return nil, err
	}
	release.Manifest, release.Config, release.Chart.Raw = "", nil, nil
	for i := range release.Hooks {
		release.Hooks[i].Manifest = ""
	}
	return release, nil
}

var (
	errSyntax = errors.New("not JSON")
	errEnd    = errors.New("unexpected end of JSON input")
)

// shape says what is kept of a JSON object, or of the objects of a list: the members named are kept in their own
// shape, or left out where that is nil, and the others as they are, or not at all.
type shape struct {
	members []member
	others  bool
}

type member struct {
	name  string
	shape *shape
	whole bool
}

// recordShape leaves out what is large. Keys are compared as encoding/json does, in any case.
func recordShape() *shape {
	metadata := &shape{members: []member{{name: "name", whole: true}, {name: "version", whole: true}, {name: "appVersion", whole: true}}}
	return &shape{others: true, members: []member{
		{name: "manifest"},
		{name: "config"},
		{name: "chart", shape: &shape{members: []member{{name: "metadata", shape: metadata}}}},
		{name: "info", shape: &shape{others: true, members: []member{{name: "notes"}}}},
		{name: "hooks", shape: &shape{others: true, members: []member{{name: "manifest"}}}},
	}}
}

// of is what becomes of a member: its shape, the whole of it, or nothing.
func (s *shape) of(key []byte) (inner *shape, kept bool) {
	for _, m := range s.members {
		if bytes.EqualFold(key, []byte(m.name)) {
			return m.shape, m.whole || m.shape != nil
		}
	}
	return nil, s.others
}

// prune copies the record without what its shape leaves out. What is kept is checked when it is decoded, what is not
// is only followed to its end.
func (l *Light) prune() error {
	if err := l.value(recordShape()); err != nil {
		return err
	}
	switch c, err := l.next(); {
	case errors.Is(err, errEnd):
		return nil
	case err != nil:
		return err
	default:
		return unexpected(c)
	}
}

func unexpected(c byte) error { return fmt.Errorf("%w: invalid character %q", errSyntax, c) }

// value copies a value in its shape.
func (l *Light) value(s *shape) error {
	c, err := l.peek()
	switch {
	case err != nil:
		return err
	case s != nil && c == '{':
		return l.object(s)
	case s != nil && c == '[':
		return l.list(s)
	}
	return l.scan(true)
}

func (l *Light) object(s *shape) error {
	first := true
	return l.members('{', '}', func() error {
		key, err := l.key()
		if err != nil {
			return err
		}
		inner, kept := s.of(key[1 : len(key)-1])
		if kept {
			if !first {
				l.kept.WriteByte(',')
			}
			first = false
			l.kept.Write(key)
			l.kept.WriteByte(':')
		}
		if c, err := l.next(); err != nil || c != ':' {
			return orUnexpected(err, c)
		}
		if !kept {
			return l.scan(false)
		}
		return l.value(inner)
	})
}

// list copies a list. Lists in lists have no shape, so that no text decides how deep the stack gets.
func (l *Light) list(s *shape) error {
	first := true
	return l.members('[', ']', func() error {
		if !first {
			l.kept.WriteByte(',')
		}
		first = false
		c, err := l.peek()
		if err != nil {
			return err
		}
		if c == '{' {
			return l.object(s)
		}
		return l.scan(true)
	})
}

// members goes through what stands between two brackets.
func (l *Light) members(open, shut byte, one func() error) error {
	if c, err := l.next(); err != nil || c != open {
		return orUnexpected(err, c)
	}
	l.kept.WriteByte(open)
	defer l.kept.WriteByte(shut)
	if c, err := l.peek(); err != nil {
		return err
	} else if c == shut {
		_, err := l.next()
		return err
	}
	for {
		if err := one(); err != nil {
			return err
		}
		switch c, err := l.next(); {
		case err != nil || c != ',' && c != shut:
			return orUnexpected(err, c)
		case c == shut:
			return nil
		}
	}
}

func orUnexpected(err error, c byte) error {
	if err != nil {
		return err
	}
	return unexpected(c)
}

// key reads the name of a member, with its quotes.
func (l *Light) key() ([]byte, error) {
	if c, err := l.peek(); err != nil || c != '"' {
		return nil, orUnexpected(err, c)
	}
	before := l.kept.Len()
	if err := l.scan(true); err != nil {
		return nil, err
	}
	key := bytes.Clone(l.kept.Bytes()[before:])
	l.kept.Truncate(before)
	return key, nil
}

// scan follows a value to its end, and copies it where it is kept.
func (l *Light) scan(keep bool) error {
	if _, err := l.peek(); err != nil {
		return err
	}
	state := scanner{}
	for {
		window, err := l.window()
		if errors.Is(err, errEnd) && state.atScalar() {
			return nil
		}
		if err != nil {
			return err
		}
		used, done := state.follow(window)
		if keep {
			l.kept.Write(window[:used])
		}
		if _, err := l.in.Discard(used); err != nil {
			return err
		}
		if done {
			return nil
		}
	}
}

// scanner knows as much of JSON as it takes to find the end of a value.
type scanner struct {
	depth                   int
	quoted, escaped, scalar bool
}

// atScalar says that the value may end here: a number or a word has no end of its own.
func (s *scanner) atScalar() bool { return s.scalar && s.depth == 0 }

// follow reads on. It gives how many bytes belong to the value, and whether that is all.
func (s *scanner) follow(text []byte) (used int, done bool) {
	for i, c := range text {
		switch {
		case s.escaped:
			s.escaped = false
		case s.quoted:
			s.escaped = c == '\\'
			if s.quoted = c != '"'; !s.quoted && s.depth == 0 {
				return i + 1, true
			}
		case s.scalar && (c == ',' || c == '}' || c == ']' || c == ':' || isSpace(c)):
			return i, true
		case s.scalar:
		case c == '"':
			s.quoted = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			if s.depth--; s.depth <= 0 {
				return i + 1, true
			}
		case s.depth == 0:
			s.scalar = true
		}
	}
	return len(text), false
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// window is what has been read and not yet used, at least a byte.
func (l *Light) window() ([]byte, error) {
	if _, err := l.in.Peek(1); err != nil {
		if err == io.EOF {
			return nil, errEnd
		}
		return nil, err
	}
	return l.in.Peek(l.in.Buffered())
}

// peek is the next byte that is no blank.
func (l *Light) peek() (byte, error) {
	for {
		window, err := l.window()
		if err != nil {
			return 0, err
		}
		rest := bytes.TrimLeft(window, " \n\t\r")
		if _, err := l.in.Discard(len(window) - len(rest)); err != nil {
			return 0, err
		}
		if len(rest) > 0 {
			return rest[0], nil
		}
	}
}

// next takes the next byte that is no blank.
func (l *Light) next() (byte, error) {
	if _, err := l.peek(); err != nil {
		return 0, err
	}
	return l.in.ReadByte()
}
