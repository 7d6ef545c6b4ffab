package faults

import (
	"errors"
	"fmt"
	"strconv"
)

// EntryError says which fault of a list is wrong, counted from 0, and why.
type EntryError struct {
	Index int
	Kind  Kind
	Err   error
}

// Error counts the faults from 1, as people do.
func (e *EntryError) Error() string {
	return fmt.Sprintf("fault %d (%s): %v", e.Index+1, e.Kind, e.Err)
}

// Path is the place of the error in a plan, as far down as is known.
func (e *EntryError) Path() []string {
	path := []string{"faults", item(e.Index)}
	return append(path, PathOf(e.Kind, e.Err)...)
}

// PathOf is where in an entry an error about it lies, as far as is known.
func PathOf(kind Kind, err error) []string {
	var place *PlaceError
	var field *FieldError
	switch {
	case errors.As(err, &place):
		return place.Path
	case errors.As(err, &field):
		return []string{string(kind), field.Field}
	default:
		return nil
	}
}

// Unwrap is the reason alone.
func (e *EntryError) Unwrap() error { return e.Err }

func entryError(i int, e Entry, err error) error {
	var kind Kind
	if e.Fault != nil {
		kind = e.Fault.Kind()
	}
	return &EntryError{i, kind, err}
}

// PlaceError is an error about one place of a plan, or of one of its faults: the keys
// that lead there, list items by their number from 0.
type PlaceError struct {
	Path []string // overrides, 2, message, to
	Err  error
}

// Error is the reason alone: whoever has the file knows the line.
func (e *PlaceError) Error() string { return e.Err.Error() }

// Unwrap is the reason.
func (e *PlaceError) Unwrap() error { return e.Err }

// below puts the place of an error below some keys.
func below(err *PlaceError, keys ...string) error {
	if err == nil {
		return nil
	}
	return &PlaceError{append(keys, err.Path...), err.Err}
}

func item(i int) string { return strconv.Itoa(i) }
