package scenarios

import "testing"

func TestThresholdIsWhereTheMeasureLeavesZero(t *testing.T) {
	row := func(value string, num int64) VaryRow {
		return VaryRow{Value: value, Spread: Spread{Quotient: &Quotient{num, 10}}}
	}
	for _, c := range []struct {
		name       string
		rows       []VaryRow
		zero, from string
	}{
		{"in the middle", []VaryRow{row("1", 0), row("2", 0), row("3", 1), row("4", 9)}, "2", "3"},
		{"it comes back to 0", []VaryRow{row("1", 0), row("2", 1), row("3", 0)}, "1", "2"},
		{"never", []VaryRow{row("1", 0), row("2", 0)}, "2", ""},
		{"at once", []VaryRow{row("1", 3)}, "", "1"},
		{"nothing ran", []VaryRow{{Value: "1"}}, "", ""},
		{"interrupted", []VaryRow{row("1", 0), {Value: "2"}}, "1", ""},
		{"no values", nil, "", ""},
	} {
		got := threshold(c.rows)
		if text(got.Zero) != c.zero || text(got.From) != c.from {
			t.Errorf("%s: 0 until %q, more from %q; want %q and %q", c.name, text(got.Zero), text(got.From), c.zero, c.from)
		}
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
