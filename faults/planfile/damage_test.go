package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// survive decodes anything; what it accepts must be a plan that can be written
// and read again.
func survive(t interface {
	Fatalf(string, ...any)
	Helper()
}, data []byte) {
	t.Helper()
	p, err := Decode("p.yaml", data)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Msg == "" {
			t.Fatalf("error without place or reason: %v", err)
		}
		return
	}
	text, err := Encode(p)
	if err != nil {
		t.Fatalf("what Decode accepts, Encode refuses: %v\n%s", err, data)
	}
	if _, err := Decode("p.yaml", text); err != nil {
		t.Fatalf("what Encode writes, Decode refuses: %v\n%s", err, text)
	}
}

func TestDamagedFilesAreErrorsNotPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, err := Encode(plans().Draw(t, "plan"))
		if err != nil {
			t.Fatalf("Encode: %v", err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "wounds") {
			data = wound(t, data)
		}
		survive(t, data)
	})
}

func wound(t *rapid.T, data []byte) []byte {
	data = bytes.Clone(data)
	if len(data) == 0 {
		return data
	}
	at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
	switch rapid.IntRange(0, 5).Draw(t, "how") {
	case 0:
		return data[:at]
	case 1:
		data[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		return data
	case 2:
		to := rapid.IntRange(at, len(data)).Draw(t, "to")
		return append(data[:at], data[to:]...)
	case 3:
		piece := rapid.SampledFrom([]string{"{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", "\"", "'", "#", "&a ", "*a", "!!x ", "? ", "| ", "> ", "<<: ", "---\n", "...\n", ",", "\t", "\x00", "\xff", "1e99999", "-", "%YAML 1.2\n", "\r", "\ufeff"}).Draw(t, "piece")
		return append(data[:at:at], append([]byte(piece), data[at:]...)...)
	case 4:
		return append(data, data[at:]...)
	default:
		lines := strings.SplitAfter(string(data), "\n")
		i := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		j := rapid.IntRange(0, len(lines)-1).Draw(t, "other line")
		lines[i], lines[j] = lines[j], lines[i]
		return []byte(strings.Join(lines, ""))
	}
}

func TestHostileFilesAreRefusedQuickly(t *testing.T) {
	const deep = 50_000
	for name, text := range map[string]string{
		"nested lists":         head + "params: " + strings.Repeat("[", deep),
		"nested maps":          head + "params: " + strings.Repeat("{a: ", deep),
		"nested lists, closed": head + "params: " + strings.Repeat("[", deep) + strings.Repeat("]", deep),
		"nested dashes":        strings.Repeat("- ", deep) + "a",
		"nested questions":     strings.Repeat("? ", deep) + "a",
		"nested tags":          strings.Repeat("!a ", deep) + "a",
		"nested anchors":       strings.Repeat("&a ", deep) + "a",
		"stairs":               stairs(2000),
		"many keys":            head + "params: {" + numbered(deep) + "}\n",
		"keys in a row":        strings.Repeat("a: ", deep),
		"bomb":                 "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nversion: 1\nparams: *c\n",
		"huge number":          head + "params: {a: " + strings.Repeat("9", deep) + "}\n",
		"huge exponent":        "version: 1\nscenario: r\nseed: 1e999999999\n",
		"one long line":        "version: " + strings.Repeat("x", deep),
		"too many bytes":       strings.Repeat("# nothing\n", maxBytes/10+1),
		"nothing but newlines": strings.Repeat("\n", deep),
		"nothing but quotes":   strings.Repeat("\"", deep),
		"nothing but colons":   strings.Repeat(":", deep),
	} {
		t.Run(name, func(t *testing.T) { survive(t, []byte(text)) })
	}
}

// What would make a recursive parser sink is refused before it is parsed, and
// what is as deep as a plan gets is not.
func TestNestingAndKeysAreBounded(t *testing.T) {
	for text, want := range map[string]string{
		head + "params: " + strings.Repeat("[", 16):                              "4:23: this is nested deeper than the 16 levels",
		head + "params: " + strings.Repeat("{a: ", 40) + strings.Repeat("}", 40): "this is nested deeper than the 16 levels",
		stairs(17):                 "16:17: this is nested deeper than the 16 levels",
		numberedLines(maxKeys + 1): "1001:1: this mapping has more than 1000 keys",
	} {
		if _, err := Decode("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q…: %v, want %s", text, err, want)
		}
	}
}

func numberedLines(n int) string { return strings.ReplaceAll(numbered(n), ", ", "\n") }

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1, ", i)
	}
	return b.String()
}

func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"", head, head + "faults: []\n", "version: 1\nscenario: a\nseed: 1\nfaults:\n  - isolate: {target: leader, was: n2}\n    at: 1.204s\n    for: 800ms\n",
		head + "overrides:\n  - message: {from: c1, to: n2, type: kv.Request, k: 1}\n    latency: 5ms\n",
		head + "workload:\n  - {op: c2#7, put: {key: k1}, at: 900ms}\n",
		head + "reseed: {after: {record: 5120}, salt: 1}\nexpect: {verdict: violated, properties: {linearizable: violated}}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { survive(t, data) })
}
