package planfile

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
)

// syntaxError is an error of the YAML parser, with what to do about it.
func syntaxError(name string, err error) error {
	var s *yaml.SyntaxError
	if errors.As(err, &s) && s.Token != nil && s.Token.Position != nil {
		return &Error{name, s.Token.Position.Line, s.Token.Position.Column, advice(s.Message)}
	}
	return &Error{name, 1, 1, err.Error()}
}

// advice is what the parser says, for people who do not know its terms.
func advice(msg string) string {
	for _, a := range []struct{ parser, ours string }{
		{"found character '\t'", "there is a tab; indent with spaces"},
		{"mapping value is not allowed", "there is a second key on this line, or the line is indented differently from its neighbours; give every key a line of its own, at one column, and put text with a colon in double quotes"},
		{"value is not allowed", "this does not belong to what stands before it; indent it like the other lines of its list or mapping, and look for a bracket too many"},
		{"non-map value is specified", "this line is no key with a value; write key: value, with a space after the colon"},
		{"mapping end token", "this { is never closed; end it with }"},
		{"sequence end token", "this [ is never closed; end it with ]"},
		{"',' or '}' must be", "there is no comma or } before this; end what stands before it with one"},
		{"',' or ']' must be", "there is no comma or ] before this; end what stands before it with one"},
		{"could not find '", "this closing bracket has no opening one; take it away"},
		{"-quoted text", "this quote is never closed; end the text with another"},
		{"is a reserved character", "a text cannot begin with this character; put it in double quotes"},
	} {
		if strings.Contains(msg, a.parser) {
			return a.ours
		}
	}
	return "this cannot be read as YAML: " + msg
}
