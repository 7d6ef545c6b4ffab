package planfile

import (
	"errors"
	"fmt"
	"strings"

	"distsim/faults"
)

// Error is one thing wrong with a plan, and where.
type Error struct {
	File         string
	Line, Column int // from 1
	Msg          string
}

// Error prints file:line:column: message.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg) }

// Errors is everything found wrong with a plan, in the order of the file, but
// no more than maxErrors.
type Errors []*Error

const maxErrors = 20

// Error prints one error a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find an *Error.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// Placed is an error that knows which key of a plan it is about, from the top:
// params, nodes.
type Placed interface {
	error
	PlanKeys() []string
}

// Blame gives an error about a place of a plan (*faults.PlaceError), such as a node that
// the scenario does not have, about one of its faults (*faults.EntryError) or about one
// key (Placed), its place in the file that the plan was read from. Other errors are
// returned as they are.
func Blame(name string, data []byte, err error) error {
	root, parseErr := parse(name, data)
	if parseErr != nil || root == nil {
		return err
	}
	var entry *faults.EntryError
	var place *faults.PlaceError
	var placed Placed
	switch {
	case errors.As(err, &entry):
		if at := root.reach(entry.Path()...); at != root {
			return &Error{name, at.line, at.col, fmt.Sprintf("%s: %v", entry.Kind, entry.Err)}
		}
	case errors.As(err, &place):
		if at := root.reach(place.Path...); at != root {
			return &Error{name, at.line, at.col, place.Error()}
		}
	case errors.As(err, &placed):
		if at := root.key(placed.PlanKeys()...); at != nil {
			return &Error{name, at.line, at.col, err.Error()}
		}
	}
	return err
}
