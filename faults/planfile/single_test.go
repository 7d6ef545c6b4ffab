package planfile

import (
	"strings"
	"testing"
)

// A mistake is reported once, where it is, with what to do.
func TestOneErrorForEachMistake(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"offset of zero", entry("clock_offset: {target: n1, by: 0s}", "at: 1s"), `5:36: clock_offset: by is 0s; write how wrong the wall clock is, such as 2s or -500ms`},
		{"slew of zero", entry("clock_slew: {target: n1, by: 0s}", "at: 1s"), `5:34: clock_slew: by is 0s; write how much`},
		{"slow by zero", entry("slow: {target: n1, by: 0s}", "at: 1s"), `5:28: slow: by is 0s; write how long a step takes`},
		{"slew at rate zero", entry("clock_slew: {target: n1, by: 1s, ppm: 0}", "at: 1s"), `5:43: ppm is 0; leave it out for 500`},
		{"chance of zero", entry("loss: {ppm: 0}", "at: 1s"), `5:17: loss: ppm is 0; write the chance in parts per million`},
		{"effect zero", entry("crash: {target: n1, before_effect: 0}", "after: {record: 1}"), `5:40: before_effect is 0; leave it out for a strike between steps`},
		{"after a copy", entry("crash: {target: n1}", "after: {message: {from: n1, to: n2, type: x, k: 1, copy: 1}}"), `6:12: crash: after waits for an event, not for one decision about it`},
		{"reseed after a copy", head + "reseed: {salt: 1, after: {message: {from: n1, to: n2, type: x, k: 1, copy: 1}}}\n", `4:26: reseed: after waits for an event`},
		{"empty type", entry(`filter: {type: ""}`, "at: 1s"), `5:20: filter: type is ""; write the messages to drop`},
		{"ring of two", entry("majorities_ring: {order: [n1, n2]}", "at: 1s"), `5:30: majorities_ring: order is [n1, n2], want four servers or more`},
		{"links down for less than nothing", entry("flap: {down: -1s, up: 1s}", "at: 1s"), `5:18: flap: down is -1s, want 1µs`},
		{"moment is a word", entry("isolate: {target: n1}", "at: 1s", "moment: syncing"), `7:13: moment is a value; want a mapping`},
		{"identity is a word", override("message: n1>n2", "lost: true"), `5:14: message is a value; want a mapping`},
		{"event is a word", entry("isolate: {target: n1}", "after: soon"), `6:12: after is a value; want a mapping`},
		{"fault is a word", head + "faults: [isolate]\n", `4:10: this fault is a value; want a mapping`},
		{"operation is a word", head + "workload: [c1#1]\n", `4:12: this operation is a value; want a mapping`},
		{"hash", head + "expect: {hash: xyz}\n", `4:16: expect: hash is "xyz", want 16 hex digits in lower case`},
		{"byte order mark", "\ufeff" + head, `1:1: the file begins with a byte order mark; save it as UTF-8 without one`},
		{"tab", "version: 1\n\tseed: 1\n", `2:1: there is a tab; indent with spaces`},
		{"tab before a list", head + "faults:\n\t- x: 1\n", `5:1: there is a tab; indent with spaces`},
		{"two keys on a line", head + "params: a: b\n", `4:9: there is a second key on this line`},
		{"bracket too many", entry("isolate: {target: n1}}", "at: 1s"), `look for a bracket too many`},
		{"bracket too few", entry("isolate: {target: n1", "at: 1s"), `6:5: there is no comma or } before this`},
		{"closing bracket alone", head + "faults: ]\n", `4:9: this closing bracket has no opening one`},
		{"no space", "version: 1\nscenario: raft\nseed:1\n", `3:1: this line is no key with a value; write key: value, with a space after the colon`},
		{"open quote", head + "params: {a: \"x}\n", `4:13: this quote is never closed`},
		{"reserved character", head + "params: {a: @x}\n", `4:13: a text cannot begin with this character; put it in double quotes`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode("p.yaml", []byte(c.text))
			if _, one := err.(*Error); !one || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error:\n got %v\nwant one, …%s", err, c.want)
			}
		})
	}
}

func TestFaultsMayBeCalledDrawn(t *testing.T) {
	p, err := Decode("p.yaml", []byte(head+"faults: drawn\nworkload: drawn\n"))
	if err != nil || p.Faults != nil || p.Workload != nil {
		t.Errorf("faults and workload drawn: got %v, %v (%v)", p.Faults, p.Workload, err)
	}
}
