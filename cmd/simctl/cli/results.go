package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"unicode"
)

// results is stdout: buffered, remembering the first error. A reader that went
// away (head, a closed pager) is no error: it has seen what it wanted, and the
// exit code still tells the verdict. A stdout that was closed before the start is
// none either: in its place the Go runtime opens /dev/null, which looks like that of
// any parent that wants no results.
type results struct {
	w   *bufio.Writer
	err error
}

func newResults(w io.Writer) *results { return &results{w: bufio.NewWriterSize(w, 64<<10)} }

// Write never fails, so that printing needs no checks; flush tells.
func (r *results) Write(p []byte) (int, error) {
	if r.err == nil {
		_, r.err = r.w.Write(p)
	}
	return len(p), nil
}

// flush writes what is left and returns the first error worth telling.
func (r *results) flush() error {
	if r.err == nil {
		r.err = r.w.Flush()
	}
	if errors.Is(r.err, syscall.EPIPE) {
		return nil
	}
	return r.err
}

// json prints one document.
func (r *results) json(v any) error {
	enc := json.NewEncoder(r)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (r *results) printf(format string, args ...any) { fmt.Fprintf(r, format, args...) }

// printable spells control characters out: texts come from the code under test
// and from files, and must not steer a terminal.
func printable(s string) string {
	if !strings.ContainsFunc(s, steers) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString("\n")
		case r == '\t':
			b.WriteString("  ")
		case steers(r):
			fmt.Fprintf(&b, "\\x%02x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine is printable text without line breaks, for tables.
func oneLine(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// steers reports a control character, or one that changes the direction of text.
func steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
