package cli_test

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
)

// The documents of --json, spelled out: a renamed or added field breaks these.

type runDocument struct {
	Scenario   string            `json:"scenario"`
	Seed       *uint64           `json:"seed"`
	Params     map[string]string `json:"params"`
	Verdict    string            `json:"verdict"`
	Properties []struct {
		Name     string   `json:"name"`
		Declared string   `json:"declared"`
		Verdict  string   `json:"verdict"`
		AtNS     *int64   `json:"at_ns"`
		Nodes    []string `json:"nodes"`
		Detail   *string  `json:"detail"`
	} `json:"properties"`
	AsDeclared *bool   `json:"as_declared"`
	Events     *uint64 `json:"events"`
	VirtualNS  *int64  `json:"virtual_ns"`
	TraceHash  string  `json:"trace_hash"`
	History    struct {
		Ops, OK, Failed, Unknown *int
	} `json:"history"`
	CutShort *struct{ Asked, Begun int } `json:"cut_short"`
	Phases   []struct {
		Name   string `json:"name"`
		FromNS *int64 `json:"from_ns"`
		ToNS   *int64 `json:"to_ns"`
	} `json:"phases"`
	Liveness *struct {
		Core       []string `json:"core"`
		BoundNS    int64    `json:"bound_ns"`
		Why        string   `json:"bound_why"`
		AnsweredNS *int64   `json:"answered_ns"`
		NoLasso    string   `json:"no_lasso"`
		Lasso      *struct {
			FromNS int64    `json:"from_ns"`
			ToNS   int64    `json:"to_ns"`
			Events uint64   `json:"events"`
			State  []string `json:"state"`
			Still  bool     `json:"still"`
		} `json:"lasso"`
	} `json:"liveness"`
	Measures     []measureDocument `json:"measures"`
	Replay       string            `json:"replay"`
	OutsideModel string            `json:"outside_model"`

	Unapplied []struct {
		Key    string `json:"key"`
		Number int    `json:"number"`
		What   string `json:"what"`
		Why    string `json:"why"`
	} `json:"unapplied"`
	DrawnUnapplied int `json:"drawn_unapplied"`
}

type huntDocument struct {
	Scenario    string          `json:"scenario"`
	From        *uint64         `json:"from"`
	To          *uint64         `json:"to"`
	Ran         *uint64         `json:"ran"`
	Failures    []foundDocument `json:"failures"`
	Declared    *uint64         `json:"declared"`
	Seen        []foundDocument `json:"declared_runs"`
	FirstSeen   *uint64         `json:"first_declared"`
	Undecided   *uint64         `json:"undecided"`
	Missing     *uint64         `json:"missing"`
	Lacking     *uint64         `json:"first_missing"`
	Doubtful    *uint64         `json:"first_undecided"`
	Covered     string          `json:"covered"`
	Events      *uint64         `json:"events"`
	VirtualNS   *int64          `json:"virtual_ns"`
	WallNS      *int64          `json:"wall_ns"`
	Interrupted bool            `json:"interrupted"`
	Measures    []spreadDocument
}

type foundDocument struct {
	Seed     *uint64 `json:"seed"`
	Property string  `json:"property"`
	Detail   string  `json:"detail"`
	Artifact string  `json:"artifact"`
}

type measureDocument struct {
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	ValueNS *int64 `json:"value_ns"`
	Value   *int64 `json:"value"`
	figuresDocument
}

// figuresDocument is what runs and hunts have in common.
type figuresDocument struct {
	Samples *int64 `json:"samples"`
	P50     int64  `json:"p50_ns"`
	P99     int64  `json:"p99_ns"`
	Max     int64  `json:"max_ns"`
	Sum     int64  `json:"sum_ns"`
	Num     int64  `json:"num"`
	Den     int64  `json:"den"`
}

type spreadDocument struct {
	Name  string `json:"name"`
	Unit  string `json:"unit"`
	Runs  int    `json:"runs"`
	Never int    `json:"never"`
	figuresDocument
	P50Number *int64 `json:"p50"`
	P99Number *int64 `json:"p99"`
	MaxNumber *int64 `json:"max"`
	SumNumber *int64 `json:"sum"`
}

type experimentDocument struct {
	Scenario string `json:"scenario"`
	Param    string `json:"param"`
	Measure  string `json:"measure"`
	Measures []string
	From     uint64 `json:"from"`
	To       uint64 `json:"to"`
	Rows     []struct {
		Value string `json:"value"`
		spreadDocument
		Others []spreadDocument  `json:"others"`
		Beside map[string]string `json:"beside"`
		Hunt   huntDocument      `json:"hunt"`
	} `json:"rows"`
}

type listDocument []struct {
	Name     string   `json:"name"`
	Shows    string   `json:"shows"`
	Problems []string `json:"problems"`
	Twin     string   `json:"twin"`
	Varies   string   `json:"varies"`
	Explores bool     `json:"explores"`
	Declares []struct {
		Property string `json:"property"`
		Promise  string `json:"promise"`
	} `json:"declares"`
	Params []struct {
		Name, Kind, Default, Min, Max, Help string
		Words                               []string
	} `json:"params"`
}

// decode reads exactly one document without unknown fields.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var doc T
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := d.Decode(&struct{}{}); err != io.EOF {
		t.Fatalf("more than one document in\n%s", text)
	}
	return doc
}

func TestRunJSON(t *testing.T) {
	r := on(t, "run", "broken", "--seed", "7", "--set", "asks=6", "--json")
	doc := decode[runDocument](t, r.stdout)
	if doc.Scenario != "broken" || *doc.Seed != 7 || doc.Verdict != "violated" || doc.AsDeclared == nil || *doc.AsDeclared {
		t.Errorf("got %+v", doc)
	}
	if doc.Params["asks"] != "6" || doc.Params["pause"] != "10ms" {
		t.Errorf("params: got %v", doc.Params)
	}
	p := doc.Properties[0]
	if p.Name != "answered" || p.Declared != "holds" || p.Verdict != "violated" || *p.AtNS <= 0 || len(p.Nodes) != 1 || p.Nodes[0] != "c1" {
		t.Errorf("property: got %+v", p)
	}
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(doc.TraceHash) {
		t.Errorf("trace hash: got %q, want 16 hex digits", doc.TraceHash)
	}
	if *doc.History.Ops != 6 || *doc.History.OK != 6 || *doc.History.Failed != 0 || *doc.History.Unknown != 0 {
		t.Errorf("history: got %s", r.stdout)
	}
	if doc.Replay != "simctl replay broken --seed 7 --set asks=6" {
		t.Errorf("replay: got %q", doc.Replay)
	}
	if len(doc.Phases) == 0 || doc.Phases[0].Name != "chaos" || *doc.Events == 0 || *doc.VirtualNS == 0 {
		t.Errorf("phases, events: got %s", r.stdout)
	}
}

// as_declared is null when nobody can tell, and the document is complete then.
func TestUndecidedJSON(t *testing.T) {
	r := on(t, "run", "undecided", "--json")
	if doc := decode[runDocument](t, r.stdout); doc.AsDeclared != nil || doc.Verdict != "unknown" {
		t.Errorf("got %s", r.stdout)
	}
	if !strings.Contains(r.stdout, `"as_declared": null`) {
		t.Errorf("as_declared is left out: %s", r.stdout)
	}
}

// Non-determinism is a violated property of the report, with its first record.
func TestNonDeterminismJSON(t *testing.T) {
	doc := decode[runDocument](t, on(t, "run", "restless", "--check-determinism", "--json").stdout)
	p := doc.Properties[len(doc.Properties)-1]
	if doc.Verdict != "violated" || p.Name != "deterministic" || p.Verdict != "violated" || !strings.Contains(*p.Detail, "record") {
		t.Errorf("got %+v", doc)
	}
}

func TestHuntJSON(t *testing.T) {
	r := on(t, "hunt", "broken", "--seeds", "3-20", "--json")
	doc := decode[huntDocument](t, r.stdout)
	if *doc.From != 3 || *doc.To != 20 || *doc.Ran != 5 || doc.Covered != "3-7" || *doc.WallNS <= 0 || *doc.Events == 0 {
		t.Errorf("got %s", r.stdout)
	}
	if len(doc.Failures) != 1 || *doc.Failures[0].Seed != 7 || doc.Failures[0].Property != "answered" {
		t.Errorf("failures: got %s", r.stdout)
	}
	if doc.Failures[0].Artifact != "failures/broken-7.yaml" {
		t.Errorf("artifact: got %q", doc.Failures[0].Artifact)
	}
	if r := on(t, "hunt", "calm", "--seeds", "1-2", "--json"); !strings.Contains(r.stdout, `"failures": []`) {
		t.Errorf("no failures should be an empty list: %s", r.stdout)
	}
}

// What a run measured: each measure has a unit, and the keys of its kind.
func TestMeasuresJSON(t *testing.T) {
	m := decode[runDocument](t, on(t, "run", "tally", "--set", "variant=once", "--json").stdout).Measures
	if len(m) != 4 {
		t.Fatalf("got %+v", m)
	}
	if m[0].Name != "latency" || m[0].Unit != "ns" || *m[0].Samples != 4 || m[0].P50 <= 0 || m[0].Max < m[0].P99 || m[0].Sum <= m[0].Max {
		t.Errorf("samples: got %+v", m[0])
	}
	if m[1].Unit != "ratio" || m[1].Num != 10 || m[1].Den != 4 {
		t.Errorf("ratio: got %+v", m[1])
	}
	if m[2].Unit != "count" || *m[2].Value != 10 || m[2].ValueNS != nil {
		t.Errorf("count: got %+v", m[2])
	}
	if m[3].Unit != "ns" || *m[3].ValueNS <= 0 || m[3].Value != nil || m[3].Samples != nil {
		t.Errorf("span: got %+v", m[3])
	}
}

// A hunt has what it takes to add measures up: sums, and how many there are.
func TestHuntMeasuresJSON(t *testing.T) {
	m := decode[huntDocument](t, on(t, "hunt", "tally", "--seeds", "1-5", "--json").stdout).Measures
	if len(m) != 4 {
		t.Fatalf("got %+v", m)
	}
	if m[0].Runs != 5 || *m[0].Samples != 20 || m[0].P50 <= 0 || m[0].Sum <= m[0].Max {
		t.Errorf("samples: got %+v", m[0])
	}
	if m[1].Unit != "ratio" || m[1].Num != 50 || m[1].Den != 20 || m[1].P50Number != nil {
		t.Errorf("ratio: got %+v", m[1])
	}
	if m[2].Unit != "count" || *m[2].P50Number != 10 || *m[2].MaxNumber != 10 || *m[2].SumNumber != 50 || m[2].P50 != 0 {
		t.Errorf("count: got %+v", m[2])
	}
}

// An experiment's row is its first measure, with the others and what stands beside.
func TestExperimentJSON(t *testing.T) {
	doc := decode[experimentDocument](t, on(t, "run", "tally", "--json").stdout)
	if doc.Measure != "latency" || strings.Join(doc.Measures, ", ") != "latency, messages per question, messages" || len(doc.Rows) != 3 {
		t.Fatalf("got %+v", doc)
	}
	row := doc.Rows[1]
	if row.Value != "twice" || row.Name != "latency" || *row.Samples != 20 || row.Beside["textbook"] != "2k = 4" || len(row.Hunt.Measures) != 4 {
		t.Errorf("got %+v", row)
	}
	if len(row.Others) != 2 || row.Others[0].Num != 90 || row.Others[0].Den != 20 || *row.Others[1].P50Number != 18 {
		t.Errorf("other measures: got %+v", row.Others)
	}
}

func TestListJSON(t *testing.T) {
	doc := decode[listDocument](t, on(t, "list", "--json").stdout)
	if len(doc) != len(fixtures()) || doc[1].Name != "doomed" || doc[1].Declares[0].Promise != "violated always" {
		t.Errorf("got %+v", doc)
	}
	if p := doc[0].Params[1]; p.Name != "pause" || p.Kind != "duration" || p.Max != "1h0m0s" || p.Default != "10ms" {
		t.Errorf("parameter: got %+v", p)
	}
	about := decode[listDocument](t, on(t, "list", "--problem", "blocking", "--json").stdout)
	if len(about) != 1 || about[0].Name != "calm" {
		t.Errorf("about blocking: got %+v", about)
	}
	if r := on(t, "list", "--problem", "livelock", "--json"); r.stdout != "[]\n" || r.code != 0 {
		t.Errorf("nothing about livelock: got %q", r.stdout)
	}
}

type replayDocument struct {
	runDocument
	AsExpected   *bool `json:"as_expected"`
	HashCompared bool  `json:"hash_compared"`
	Differences  []struct {
		What, Expected, Got string
	} `json:"differences"`
}

func TestReplayJSON(t *testing.T) {
	r := on(t, "replay", "broken", "--seed", "7", "--json")
	doc := decode[replayDocument](t, r.stdout)
	if doc.Scenario != "broken" || doc.Verdict != "violated" || doc.AsExpected != nil || doc.Differences == nil || r.code != 1 {
		t.Errorf("got exit %d\n%s", r.code, r.stdout)
	}
}
