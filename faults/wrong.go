package faults

import (
	"fmt"
	"strings"
)

// FieldError is an error about one field of a fault.
type FieldError struct {
	Field string
	Got   string // what it is; "": it is missing, or none
	Want  string // what it should be: 1 … 1000000
	Why   string // instead of both: what is wrong, as a sentence
}

// Error names the field.
func (e *FieldError) Error() string {
	switch {
	case e.Why != "":
		return e.Why
	case e.Got == "":
		return fmt.Sprintf("%s is missing: %s", e.Field, e.Want)
	default:
		return fmt.Sprintf("%s is %s, want %s", e.Field, e.Got, e.Want)
	}
}

// missing is about a field that is needed.
func missing(field, want string) error { return &FieldError{Field: field, Want: want} }

// outside is about a field beyond its range.
func outside(field string, got any, want string, args ...any) error {
	return &FieldError{Field: field, Got: fmt.Sprint(got), Want: fmt.Sprintf(want, args...)}
}

// wrong is about a field that makes no sense as it is.
func wrong(field, why string, args ...any) error {
	return &FieldError{Field: field, Why: fmt.Sprintf(why, args...)}
}

// within puts an error, if it is one, at some keys.
func within(key string, err error) error {
	if err == nil {
		return nil
	}
	return &PlaceError{strings.Fields(key), err}
}

// misplaced is about a key of an entry, beside its fault.
func misplaced(key, why string, args ...any) error {
	return &PlaceError{[]string{key}, fmt.Errorf(why, args...)}
}
