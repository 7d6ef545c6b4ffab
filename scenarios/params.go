package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"distsim/faults"
)

// Param is one knob of a scenario.
type Param struct {
	Name    string
	Default string
	Help    string
	Kind    ParamKind
	Min     int64    // Int: smallest value; Duration: in nanoseconds
	Max     int64    // Int, Duration: largest value
	Words   []string // Choice: the words to choose from
}

// ParamKind says how a parameter's text is read.
type ParamKind uint8

const (
	Int      ParamKind = iota // 5
	Duration                  // 150ms
	Bool                      // true, false
	Choice                    // one of Words
)

// Value is a parameter with the text it was given.
type Value struct{ Name, Text string }

// Values are the resolved parameters of a run, in the scenario's order; every
// text has been checked.
type Values []Value

// Int is a parameter of kind Int.
func (v Values) Int(name string) int {
	n, _ := strconv.Atoi(v.text(name))
	return n
}

// Duration is a parameter of kind Duration.
func (v Values) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(v.text(name))
	return d
}

// Bool is a parameter of kind Bool.
func (v Values) Bool(name string) bool { return v.text(name) == "true" }

// Choice is a parameter of kind Choice.
func (v Values) Choice(name string) string { return v.text(name) }

func (v Values) text(name string) string {
	for _, x := range v {
		if x.Name == name {
			return x.Text
		}
	}
	panic("scenarios: no parameter " + name)
}

// ParamError is a parameter that a scenario does not have or cannot take.
type ParamError struct {
	Scenario, Name, Text, Want string
	Known                      []string // set when the name is unknown
}

// Error says what is wrong and what to write instead.
func (e *ParamError) Error() string {
	if e.Known != nil {
		return fmt.Sprintf("scenario %s has no parameter %q%s", e.Scenario, e.Name, Suggest(e.Name, e.Known))
	}
	return fmt.Sprintf("scenario %s: %s=%s: want %s", e.Scenario, e.Name, e.Text, e.Want)
}

// PlanKeys says where in a plan the parameter stands.
func (e *ParamError) PlanKeys() []string { return []string{"params", e.Name} }

// Resolve fills in the defaults and checks what was given.
func (s *Scenario) Resolve(given []Value) (Values, error) {
	out := make(Values, len(s.Params))
	for i, p := range s.Params {
		out[i] = Value{p.Name, p.Default}
	}
	for _, g := range given {
		i := s.param(g.Name)
		if i < 0 {
			return nil, &ParamError{Scenario: s.Name, Name: g.Name, Known: s.paramNames()}
		}
		text, want := s.Params[i].read(g.Text)
		if want != "" {
			return nil, &ParamError{Scenario: s.Name, Name: g.Name, Text: g.Text, Want: want}
		}
		out[i].Text = text
	}
	if s.Validate != nil {
		if err := s.Validate(out); err != nil {
			return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
	}
	return out, nil
}

// defaults changes the defaults of some parameters.
func defaults(params []Param, to ...Value) []Param {
	for i := range params {
		for _, v := range to {
			if params[i].Name == v.Name {
				params[i].Default = v.Text
			}
		}
	}
	return params
}

func (s *Scenario) param(name string) int {
	for i, p := range s.Params {
		if p.Name == name {
			return i
		}
	}
	return -1
}

func (s *Scenario) paramNames() []string {
	names := []string{}
	for _, p := range s.Params {
		names = append(names, p.Name)
	}
	return names
}

// read checks a text and returns its canonical form, or what was wanted.
func (p Param) read(text string) (canonical, want string) {
	switch p.Kind {
	case Choice:
		if !slices.Contains(p.Words, text) {
			return "", "one of " + join(p.Words) + nearWord(text, p.Words)
		}
		return text, ""
	case Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "", "true or false"
		}
		return strconv.FormatBool(b), ""
	case Duration:
		d, err := time.ParseDuration(text)
		if err != nil || int64(d) < p.Min || int64(d) > p.Max {
			return "", fmt.Sprintf("a duration from %v to %v, such as 150ms", time.Duration(p.Min), time.Duration(p.Max))
		}
		return d.String(), ""
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < p.Min || n > p.Max {
			return "", fmt.Sprintf("a whole number from %d to %d", p.Min, p.Max)
		}
		return strconv.FormatInt(n, 10), ""
	}
}

// nearWord is ` (did you mean "x"?)` when one of the words is near, else nothing.
func nearWord(typed string, words []string) string {
	if at := nearest(typed, words); at >= 0 {
		return fmt.Sprintf(" (did you mean %q?)", words[at])
	}
	return ""
}

// Suggest is ` (did you mean "x"?)` when one of the known names is near to what
// was typed, else a list of them.
func Suggest(typed string, known []string) string {
	if near := nearWord(typed, known); near != "" {
		return near
	}
	if len(known) == 0 {
		return " (there are none)"
	}
	return fmt.Sprintf(" (there are: %s)", join(known))
}

// nearest is which word is within two typing errors, and the nearest; −1: none.
func nearest(typed string, words []string) int {
	best, at := 3, -1
	for i, k := range words {
		if d := faults.Distance(typed, k); d < best {
			best, at = d, i
		}
	}
	return at
}

func join(names []string) string {
	s := ""
	for i, n := range names {
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}
