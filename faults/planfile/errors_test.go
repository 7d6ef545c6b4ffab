package planfile

import (
	"errors"
	"strings"
	"testing"

	"distsim/faults"
)

const head = "version: 1\nscenario: raft\nseed: 1\n"

// mistake is a text, and what is said about it and where.
type mistake struct{ name, text, want string }

func wantMistakes(t *testing.T, mistakes []mistake) {
	t.Helper()
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode("p.yaml", []byte(c.text))
			if err == nil {
				t.Fatalf("no error for\n%s", c.text)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "p.yaml:") {
				t.Errorf("error:\n got %v\nwant …%s", err, c.want)
			}
		})
	}
}

// entry and override are plans with one of them, given by its lines.
func entry(lines ...string) string {
	return head + "faults:\n  - " + strings.Join(lines, "\n    ") + "\n"
}

func override(lines ...string) string {
	return head + "overrides:\n  - " + strings.Join(lines, "\n    ") + "\n"
}

func TestMistakesInPlans(t *testing.T) {
	wantMistakes(t, []mistake{
		{"empty", "", `1:1: the file is empty; a plan begins with version: 1`},
		{"comment only", "# nothing\n", `1:1: the file is empty`},
		{"a list", "- a\n", `1:1: a plan is a list; want a mapping`},
		{"a word", "raft\n", `1:1: a plan is a value; want a mapping`},
		{"no version", "scenario: raft\n", `1:1: a plan lacks version; write version: 1`},
		{"newer version", "version: 2\nfuture: yes\n", `1:10: this is version 2 of the plan format; this build reads version 1`},
		{"no scenario", "version: 1\nseed: 1\n", `1:1: a plan lacks scenario; write scenario: raft`},
		{"no seed", "version: 1\nscenario: raft\n", `1:1: a plan lacks seed`},
		{"negative seed", "version: 1\nscenario: raft\nseed: -1\n", `3:7: seed is "-1"; want a whole number of at least 0`},
		{"huge seed", "version: 1\nscenario: raft\nseed: 99999999999999999999\n", `3:7: seed is "99999999999999999999"; want a whole number`},
		{"seed list", "version: 1\nscenario: raft\nseed: [1]\n", `3:7: seed is a list; want a single value`},
		{"empty value", "version: 1\nscenario: raft\nseed:\n", `3:1: seed has no value`},
		{"unknown key", head + "fault: []\n", `4:1: a plan has nothing called "fault"; did you mean faults?`},
		{"double key", head + "seed: 2\n", `4:1: `},
		{"double key in braces", head + "params: {a: 1, a: 2}\n", `4:16: `},
		{"param without value", head + "params: {a: }\n", `4:10: parameter "a" has no value`},
		{"param of a list", head + "params: {a: [1]}\n", `4:13: parameter a is a list`},
		{"second document", head + "---\nversion: 1\n", `5:1: a second document begins here`},
		{"tab", "version: 1\n\tseed: 1\n", `2:1: `},
		{"unclosed brace", "version: 1\nparams: {a: 1\n", `2:9: `},
		{"anchor", head + "params: &a {x: 1}\n", `4:9: anchors, aliases and merges are not part of plans`},
		{"alias", head + "params: *a\n", `4:9: anchors, aliases`},
		{"tag", head + "params: !!map {}\n", `4:9: tags and directives`},
		{"merge", head + "params: {<<: 1}\n", `4:10: anchors, aliases`},
		{"block text", head + "params: {a: 1}\nexpect: |\n  x\n", `5:9: block texts`},
		{"not UTF-8", "version: 1\nscenario: r\xffft\n", `2:12: byte 0xff is not UTF-8`},
		{"control character", "version: 1\nscenario: é\x01\n", `2:12: byte 0x01 is a control character`},
		{"reseed without salt", head + "reseed: {after: {record: 1}}\n", `4:9: reseed lacks salt`},
		{"odd verdict", head + "expect: {verdict: broken}\n", `4:19: verdict is "broken"; want one of holds, violated, unknown, stalled`},
		{"odd hash", head + "expect: {hash: 12}\n", `expect: hash is "12", want 16 hex digits`},
	})
}

func TestMistakesInFaults(t *testing.T) {
	wantMistakes(t, []mistake{
		{"faults random", head + "faults: random\n", `4:9: faults is "random"; want a list, [] for none, or drawn from the seed`},
		{"unknown fault", entry("isolat: {target: n1}", "at: 1s"), `5:5: there is no fault called "isolat"; did you mean isolate?`},
		{"with a holder", entry("partition: {target: minority, with: holder}", "at: 1s"), `5:41: partition: with names one server (leader, any, dirty, candidate or follower); a holder may be a client, so make it the target itself`},
		{"two holders", entry("pause: {target: holder, was: [c1, c2]}", "at: 1s"), `5:34: pause: holder is one machine, but was lists 2`},
		{"no fault", entry("at: 1s"), `5:5: there is no fault here; write one of partition,`},
		{"two faults", entry("isolate: {target: n1}", "pause: {target: n2}", "at: 1s"), `6:12: there is one fault here already (isolate); another begins with a dash: - pause: {…}`},
		{"fault is a word", head + "faults: [isolate]\n", `4:10: this fault is a value; want a mapping`},
		{"fault without fields", entry("isolate:", "at: 1s"), `5:5: isolate has no value`},
		{"no time", entry("isolate: {target: n1}"), `5:5: it is not said when this fault strikes; write at: 1.5s, or after: {…}`},
		{"both times", entry("isolate: {target: n1}", "at: 1s", "after: {record: 1}"), `7:12: at and after are both there`},
		{"event and moment", entry("isolate: {target: n1}", "after: {record: 1}", "moment: {synced: any}"), `7:13: isolate: after and moment are both set`},
		{"no such moment", entry("isolate: {target: n1}", "at: 1s", "moment: {syncd: any}"), `7:14: moment has nothing called "syncd"; did you mean synced?`},
		{"two moments", entry("isolate: {target: n1}", "at: 1s", "moment: {synced: any, timeout: any}"), `7:36: a fault waits for one moment`},
		{"empty moment", entry("isolate: {target: n1}", "at: 1s", "moment: {}"), `7:13: moment names nothing`},
		{"moment of a crowd", entry("crash: {target: majority}", "at: 1s", "moment: {synced: any}"), `7:13: crash: a moment needs a fault with one machine as its target`},
		{"moment of no one", entry("loss: {ppm: 5}", "at: 1s", "moment: {synced: any}"), `7:13: loss: a moment needs a fault with one machine as its target`},
		{"time without unit", entry("isolate: {target: n1}", "at: 5"), `6:9: at is "5" without a unit; write 5ms, or 5s`},
		{"no time at all", entry("isolate: {target: n1}", "at: soon"), `6:9: at is "soon"; want a duration such as 800ms or 1.5s`},
		{"time before the start", entry("isolate: {target: n1}", "at: -1s"), `6:9: at is -1s; it cannot be negative`},
		{"time beyond all", entry("isolate: {target: n1}", "at: 99999h"), `6:9: at is 99999h0m0s; want at most 24000h0m0s`},
		{"lasts no time", entry("isolate: {target: n1}", "at: 1s", "for: 0s"), `7:10: for is 0s; leave it out`},
		{"unknown field", entry("isolate: {targt: n1}", "at: 1s"), `5:15: isolate has nothing called "targt"; did you mean target?`},
		{"unknown line", entry("isolate: {target: n1}", "att: 1s"), `6:5: this fault has nothing called "att"; did you mean at?`},
		{"unknown symbol", entry("isolate: {target: leeder}", "at: 1s"), `5:23: target is "leeder"; want a node such as n3 or c1, or a symbol: did you mean leader?`},
		{"no such node", entry("isolate: {target: n0}", "at: 1s"), `5:23: target is "n0"; want a node`},
		{"no target", entry("isolate: {}", "at: 1s"), `5:14: isolate: target is missing`},
		{"was of a node", entry("isolate: {target: n1, was: n1}", "at: 1s"), `5:32: isolate: was is for symbolic targets`},
		{"was of two", entry("isolate: {target: leader, was: [n1, n2]}", "at: 1s"), `5:36: isolate: leader is one machine, but was lists 2`},
		{"one group", entry("partition: {groups: [[n1]]}", "at: 1s"), `5:25: partition: a partition needs two groups`},
		{"flat groups", entry("partition: {groups: [n1, n2]}", "at: 1s"), `5:26: groups holds a value; want lists of nodes`},
		{"node in two groups", entry("partition: {groups: [[n1], [n1]]}", "at: 1s"), `5:25: partition: groups lists n1 twice`},
		{"chance above one", entry("loss: {ppm: 2000000}", "at: 1s"), `5:17: loss: ppm is 2000000, want 1 … 1000000`},
		{"fractional chance", entry("loss: {ppm: 0.5}", "at: 1s"), `5:17: ppm is "0.5"; want a whole number`},
		{"odd distribution", entry("delay: {extra: 10ms..5ms}", "at: 1s"), `5:20: extra: "10ms..5ms" is not a distribution`},
		{"odd direction", entry("partition_one_way: {target: n1, way: oout}", "at: 1s"), `5:42: way is "oout"; did you mean out?`},
		{"odd crash model", entry("crash: {target: n1, model: lose}", "at: 1s"), `5:32: model is "lose"; want one of lose-all, keep-prefix`},
		{"effect at a time", entry("crash: {target: n1, before_effect: 1}", "at: 1s"), `5:40: crash: before_effect goes with after`},
		{"effect of a symbol", entry("crash: {target: leader, before_effect: 1}", "after: {record: 1}"), `5:44: crash: before_effect needs one node by name`},
		{"effect zero and less", entry("pause: {target: n1, before_effect: -1}", "after: {record: 1}"), `5:40: pause: before_effect is -1`},
		{"step with an end", entry("clock_step: {target: n1, by: 1s}", "at: 1s", "for: 1s"), `7:10: clock_step: for has no meaning`},
		{"drift backwards", entry("clock_drift: {target: n1, ppm: -1000001}", "at: 1s"), `5:36: clock_drift: ppm is -1000001`},
		{"slew faster than that", entry("clock_slew: {target: n1, by: 1s, ppm: 600000}", "at: 1s"), `5:43: clock_slew: ppm is 600000, want 1 … 500000 (how fast the clocks gain or lose; by says which)`},
		{"slew backwards by its rate", entry("clock_slew: {target: n1, by: 1s, ppm: -5}", "at: 1s"), `5:43: clock_slew: ppm is -5`},
		{"slew of nothing", entry("clock_slew: {target: n1, ppm: 5}", "at: 1s"), `5:17: clock_slew: by is missing: how much the clocks gain or lose, such as 2s or -500ms`},
		{"offset of nothing", entry("clock_offset: {target: n1}", "at: 1s"), `5:19: clock_offset: by is missing: how wrong the wall clock is`},
		{"offset without unit", entry("clock_offset: {target: n1, by: 5}", "at: 1s"), `5:36: by is "5" without a unit; write 5ms, or 5s`},
		{"freeze of nobody", entry("clock_freeze: {}", "at: 1s"), `5:19: clock_freeze: target is missing`},
		{"freeze by some", entry("clock_freeze: {target: n1, by: 1s}", "at: 1s"), `5:32: clock_freeze has nothing called "by"`},
		{"slow by nothing", entry("slow: {target: n1}", "at: 1s"), `5:11: slow: by is missing: how long a step takes, such as 5ms or 1ms..50ms`},
		{"slow backwards", entry("slow: {target: n1, by: -5ms}", "at: 1s"), `5:28: by: "-5ms" is not a distribution`},
		{"wipe of nobody", entry("wipe: {}", "at: 1s"), `5:11: wipe: target is missing`},
		{"wipe with a model", entry("wipe: {target: n1, model: lose-all}", "at: 1s"), `5:24: wipe has nothing called "model"`},
		{"upgrade to nothing", entry("upgrade: {target: n1}", "at: 1s"), `5:14: upgrade: to is missing: the name of the build to run from then on, such as v2`},
		{"upgrade to a list", entry("upgrade: {target: n1, to: [v2]}", "at: 1s"), `5:31: to is a list; want a single value`},
		{"flag is a number", entry("isolate: {target: n1, clients: 1}", "at: 1s"), `5:36: clients is "1"; want true or false`},
	})
}

func TestMistakesInEventsAndDecisions(t *testing.T) {
	wantMistakes(t, []mistake{
		{"event is nothing", entry("isolate: {target: n1}", "after: {}"), `6:12: after names nothing`},
		{"unknown event", entry("isolate: {target: n1}", "after: {mesage: {}}"), `6:13: after has nothing called "mesage"; did you mean message?`},
		{"two events", entry("isolate: {target: n1}", "after: {record: 1, timer: {node: n1, type: x, k: 1}}"), `names two things`},
		{"event lacks k", entry("isolate: {target: n1}", "after: {sync: {node: n1, file: log}}"), `6:19: sync lacks k; write k: 1`},
		{"k is zero", entry("isolate: {target: n1}", "after: {sync: {node: n1, file: log, k: 0}}"), `6:44: k is "0"; want a whole number of at least 1`},
		{"record zero", entry("isolate: {target: n1}", "after: {record: 0}"), `6:21: record is "0"; want a whole number of at least 1`},
		{"after a crash", entry("isolate: {target: n1}", "after: {crash: {node: n1, k: 1}}"), `6:13: after has nothing called "crash"`},
		{"op of a server", entry("isolate: {target: n1}", "after: {draw: {node: n1, kind: x, op: 1, k: 1}}"), `nothing called "op"`},
		{"override of nothing", override("lost: true"), `5:5: it is not said which decision this overrides`},
		{"override without outcome", override("sync: {node: n1, file: log, k: 1}"), `5:5: it is not said how the decision falls`},
		{"override of two outcomes", override("message: {from: n1, to: n2, type: x.Y, k: 1}", "lost: true", "latency: 1s"), `5:5: an override fixes one decision`},
		{"lost maybe", override("message: {from: n1, to: n2, type: x.Y, k: 1}", "lost: maybe"), `6:11: lost is "maybe"; want true or false`},
		{"lost sync", override("sync: {node: n1, file: log, k: 1}", "lost: true"), `6:5: this override has nothing called "lost"`},
		{"timer that is lost", override("timer: {node: n1, type: x.Y, k: 1}", "lost: true"), `6:5: this override has nothing called "lost"`},
		{"step that takes no duration", override("timer: {node: n1, type: x.Y, k: 1}", "took: 5"), `6:11: took is "5" without a unit`},
		{"override of a record", override("record: 1", "lost: true"), `5:5: it is not said which decision`},
		{"negative latency", override("sync: {node: n1, file: log, k: 1}", "latency: -1s"), `6:14: latency is -1s; it cannot be negative`},
	})
}

func TestMistakesInOperations(t *testing.T) {
	wantMistakes(t, []mistake{
		{"workload is a word", head + "workload: random\n", `4:11: workload is "random"; want drawn, or a list`},
		{"operation misnamed", head + "workload: [{op: c2-7, get: {key: a}, at: 1s}]\n", `4:17: op is "c2-7"; want the name of an operation such as c2#7`},
		{"operation does nothing", head + "workload: [{op: c2#7, at: 1s}]\n", `4:12: it is not said what this operation does`},
		{"operation does two things", head + "workload: [{op: c2#7, get: {key: a}, put: {key: a}, at: 1s}]\n", `an operation does one thing`},
		{"operation twice", head + "workload: [{op: c2#7, get: {key: a}, at: 1s}, {op: c2#7, get: {key: a}, at: 1s}]\n", `operation c2#7 is listed twice`},
		{"get with value", head + "workload: [{op: c2#7, get: {key: a, value: b}, at: 1s}]\n", `get has nothing called "value"`},
		{"key is missing", head + "workload: [{op: c2#7, get: {}, at: 1s}]\n", `get lacks key`},
	})
}

func TestAllMistakesAreReportedAtOnceInOrder(t *testing.T) {
	_, err := Decode("p.yaml", []byte(head+"faults:\n  - isolate: {target: n0}\n    at: 1\nexpct: {}\n"))
	var es Errors
	if !errors.As(err, &es) || len(es) != 3 {
		t.Fatalf("got %v, want three errors", err)
	}
	for i, line := range []int{5, 6, 7} {
		if es[i].Line != line {
			t.Errorf("error %d is on line %d, want %d", i, es[i].Line, line)
		}
	}
}

func TestBlameFindsTheFault(t *testing.T) {
	text := []byte(head + "faults:\n  - isolate: {target: n1}\n    at: 1s\n  - pause: {target: n9}\n    at: 2s\n")
	cause := &faults.EntryError{Index: 1, Kind: "pause", Err: errors.New("there is no node n9")}
	want := "p.yaml:7:5: pause: there is no node n9"
	if got := Blame("p.yaml", text, cause); got.Error() != want {
		t.Errorf("Blame gives %v, want %s", got, want)
	}
	other := errors.New("other")
	if got := Blame("p.yaml", text, other); got != other {
		t.Errorf("Blame changed %v to %v", other, got)
	}
}

type about []string

func (about) Error() string        { return "no good" }
func (a about) PlanKeys() []string { return a }

func TestBlameFindsTheKey(t *testing.T) {
	text := []byte(head + "params: {nodes: 5, ops: 1}\nworkload:\n")
	for _, c := range []struct {
		keys about
		want string
	}{
		{about{"params", "ops"}, "p.yaml:4:20: no good"},
		{about{"scenario"}, "p.yaml:2:1: no good"},
		{about{"params", "none"}, "no good"},
		{about{"workload", "x"}, "no good"},
	} {
		if got := Blame("p.yaml", text, c.keys); got.Error() != c.want {
			t.Errorf("%v: Blame gives %v, want %s", c.keys, got, c.want)
		}
	}
}
