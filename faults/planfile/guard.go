package planfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// What a plan may be at most: the parser is recursive, and its patience is not
// the reader's.
const (
	maxBytes = 4 << 20
	maxDepth = 16
	maxKeys  = 1000 // of one mapping
)

// checkBytes refuses what is no text before any of it is parsed.
func checkBytes(name string, data []byte) error {
	if len(data) > maxBytes {
		return &Error{name, 1, 1, fmt.Sprintf("the file has %d bytes; a plan has at most %d", len(data), maxBytes)}
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		return &Error{name, 1, 1, "the file begins with a byte order mark; save it as UTF-8 without one"}
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return badByte(name, data, i, "is not UTF-8")
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0x7f:
			return badByte(name, data, i, "is a control character")
		}
		i += size
	}
	return nil
}

func badByte(name string, data []byte, i int, what string) error {
	before := data[:i]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return &Error{name, line, column, fmt.Sprintf("byte 0x%02x %s; a plan is plain text", data[i], what)}
}

// refused are the tokens that make one piece of YAML mean another, or that a
// plan has no use for.
func refused(t *token.Token) string {
	switch t.Type {
	case token.AnchorType, token.AliasType, token.MergeKeyType:
		return "anchors, aliases and merges are not part of plans; write the text out"
	case token.TagType, token.DirectiveType:
		return "tags and directives are not part of plans; leave them out"
	case token.MappingKeyType:
		return "keys are plain words here; write key: value"
	case token.LiteralType, token.FoldedType:
		return "block texts are not part of plans; write the text in double quotes"
	default:
		return ""
	}
}

// checkTokens refuses what the parser should not see: it measures the nesting
// that the parser would recurse into.
func checkTokens(name string, tokens token.Tokens) error {
	flow := 0
	var blocks []int // columns of the enclosing block entries
	for _, t := range tokens {
		where := Error{File: name, Line: t.Position.Line, Column: t.Position.Column}
		if where.Msg = refused(t); where.Msg != "" {
			return &where
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		default:
			if flow <= 0 {
				blocks = nest(blocks, t.Position.Column)
			}
		}
		if flow+len(blocks) > maxDepth {
			where.Msg = fmt.Sprintf("this is nested deeper than the %d levels that a plan has use for", maxDepth)
			return &where
		}
	}
	return nil
}

// nest keeps the columns that enclose a new one: those left of it.
func nest(columns []int, c int) []int {
	for len(columns) > 0 && columns[len(columns)-1] >= c {
		columns = columns[:len(columns)-1]
	}
	return append(columns, c)
}
