package cli

import (
	"fmt"
	"slices"
	"strings"

	"distsim/scenarios"
)

// settings is the value of --set, given any number of times: k=v.
type settings []scenarios.Value

// String prints the settings as they are typed.
func (s *settings) String() string {
	parts := make([]string, len(*s))
	for i, v := range *s {
		parts[i] = v.Name + "=" + v.Text
	}
	return strings.Join(parts, " ")
}

// Type names the value in help texts.
func (s *settings) Type() string { return "k=v" }

// Set adds one setting; a parameter can be set once.
func (s *settings) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("want NAME=VALUE, such as nodes=7")
	}
	for _, v := range *s {
		if v.Name == name {
			return fmt.Errorf("%s is set twice", name)
		}
	}
	*s = append(*s, scenarios.Value{Name: name, Text: value})
	return nil
}

// changed is what of the resolved values differs from the scenario's defaults.
func changed(s *scenarios.Scenario, values scenarios.Values) settings {
	defaults, err := s.Resolve(nil)
	if err != nil {
		return settings(values)
	}
	out := settings{}
	for i, v := range values {
		if v != defaults[i] {
			out = append(out, v)
		}
	}
	return out
}

// has reports whether a parameter is set.
func (s settings) has(name string) bool {
	return slices.ContainsFunc(s, func(v scenarios.Value) bool { return v.Name == name })
}
