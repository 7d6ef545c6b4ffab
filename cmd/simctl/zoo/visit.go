package zoo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Visit is which bugs to hunt, and how.
type Visit struct {
	Root    string        // of the module
	Main    string        // the simctl in it, such as ./cmd/simctl
	Patches []*Patch      // in this order
	Bases   int           // hunts of each bug; the seeds of one start a million after those before
	CPU     time.Duration // that each may take
	Out     string        // a folder for the plans that found them; "": they are not kept

	Progress func(format string, args ...any)
}

const (
	stride    = 1_000_000 // from base to base
	leastSure = 500       // seeds of a control, in all
	patience  = 20        // by the clock, for one of processor time
)

// Report is what came of a visit, as `simctl zoo --json` prints it.
type Report struct {
	Bases       []uint64 `json:"bases"`
	CPULimitNS  int64    `json:"cpu_limit_ns"`
	Bugs        []Bug    `json:"bugs"`
	Interrupted bool     `json:"interrupted,omitempty"`
}

// Bug is what came of one patch.
type Bug struct {
	Facts
	OK      bool     `json:"ok"`
	Hunts   []Hunt   `json:"hunts"`
	Control *Control `json:"control"` // null: interrupted before it ended
}

// Facts is what a patch file says.
type Facts struct {
	Zoo      int      `json:"zoo"`
	Name     string   `json:"name"`
	File     string   `json:"file"`
	Shows    string   `json:"shows"`
	Source   string   `json:"source"`
	Scenario string   `json:"scenario"`
	Set      []string `json:"set"`
	Breaks   []string `json:"breaks"`
}

// Facts is what the file says.
func (p *Patch) Facts() Facts {
	return Facts{Zoo: p.Zoo, Name: p.Name, File: p.File, Shows: p.Shows, Source: p.Source,
		Scenario: p.Scenario, Set: p.Settings(), Breaks: p.Breaks}
}

// Control is the unpatched code under the seeds of a bug's hunts, and more.
type Control struct {
	Seeds   uint64   `json:"seeds"`
	CPUNS   int64    `json:"cpu_ns"`
	Clean   bool     `json:"clean"`
	Failure *Failure `json:"failure"`
	Problem string   `json:"problem,omitempty"`
}

// Exit is the exit code that a visit deserves (DESIGN section 8).
func (r *Report) Exit() int {
	if r.Interrupted {
		return 130
	}
	for i := range r.Bugs {
		if !r.Bugs[i].OK {
			return 1
		}
	}
	return 0
}

// tour is a visit at work.
type tour struct {
	*Visit
	dir      string // temporary
	healthy  string // the unpatched simctl
	overlays []*overlay
	rep      *Report
	sure     map[string]Control // by what was run
}

// Run applies all patches, then hunts each. The error is of the patches or of the
// surroundings: what a hunt did not find, the report tells. When ctx ends, it says what
// it has.
func (v *Visit) Run(ctx context.Context) (*Report, error) {
	dir, err := os.MkdirTemp("", "zoo")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	t := &tour{Visit: v, dir: dir, sure: map[string]Control{},
		rep: &Report{CPULimitNS: int64(v.CPU), Bases: make([]uint64, v.Bases), Bugs: []Bug{}}}
	for i := range t.rep.Bases {
		t.rep.Bases[i] = 1 + uint64(i)*stride
	}
	err = t.run(ctx)
	if ctx.Err() != nil {
		t.rep.Interrupted = true
		return t.rep, nil
	}
	return t.rep, err
}

func (t *tour) run(ctx context.Context) error {
	for _, p := range t.Patches {
		o, err := p.apply(t.Root, t.mkdir(p.Name))
		if err != nil {
			return err
		}
		t.overlays = append(t.overlays, o)
	}
	t.healthy = filepath.Join(t.dir, "healthy")
	t.Progress("building %s without a bug", t.Main)
	if err := build(ctx, t.Root, t.Main, nil, t.healthy); err != nil {
		return err
	}
	for i := range t.Patches {
		b, err := t.bug(ctx, i)
		if b != nil {
			t.rep.Bugs = append(t.rep.Bugs, *b)
		}
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// mkdir makes a folder for one patch; a failure shows when it is used.
func (t *tour) mkdir(name string) string {
	dir := filepath.Join(t.dir, "patch-"+name)
	os.Mkdir(dir, 0o777)
	return dir
}

// bug builds one, and hunts it.
func (t *tour) bug(ctx context.Context, i int) (*Bug, error) {
	p := t.Patches[i]
	dir := filepath.Dir(t.overlays[i].file)
	simctl := filepath.Join(dir, "simctl")
	t.Progress("%s: building", p.Name)
	if err := build(ctx, t.Root, t.Main, t.overlays[i], simctl); err != nil {
		return nil, fmt.Errorf("%s does not compile: %w", p.File, err)
	}
	defer os.Remove(simctl)
	b := &Bug{Facts: p.Facts(), Hunts: []Hunt{}}
	for _, base := range t.rep.Bases {
		s := &search{simctl: simctl, patch: p, base: base, most: stride, limit: t.CPU, dir: dir, patience: max(patience*t.CPU, time.Minute)}
		h, err := t.hunt(ctx, s)
		if err != nil {
			return b, err
		}
		b.Hunts = append(b.Hunts, h)
		if ctx.Err() != nil {
			return b, nil
		}
	}
	return b, t.check(ctx, p, b)
}

// hunt searches from one base seed, and keeps what it finds.
func (t *tour) hunt(ctx context.Context, s *search) (Hunt, error) {
	t.Progress("%s: seeds from %d", s.patch.Name, s.base)
	h, err := s.run(ctx)
	if err != nil {
		return h, err
	}
	if ctx.Err() != nil && h.Failure == nil {
		h.Problem = "interrupted after " + seeds(h.Seeds)
	}
	return h, t.keep(s.patch, &h)
}

// keep writes the plan of what was found.
func (t *tour) keep(p *Patch, h *Hunt) error {
	if t.Out == "" || h.Failure == nil {
		return nil
	}
	if err := os.MkdirAll(t.Out, 0o777); err != nil {
		return err
	}
	h.Failure.Artifact = filepath.Join(t.Out, fmt.Sprintf("%s-%d.yaml", p.Name, h.Failure.Seed))
	return os.WriteFile(h.Failure.Artifact, h.plan, 0o666)
}

// check runs the control, and judges the bug.
func (t *tour) check(ctx context.Context, p *Patch, b *Bug) error {
	t.Progress("%s: the same seeds without the bug", p.Name)
	c, err := t.control(ctx, p, b.Hunts)
	if err != nil || ctx.Err() != nil {
		return err
	}
	b.Control, b.OK = &c, c.Clean
	for _, h := range b.Hunts {
		b.OK = b.OK && h.Found
	}
	return nil
}

// control runs every seed that a hunt has run, and at least so many in all. Bugs that
// ask for the same share it.
func (t *tour) control(ctx context.Context, p *Patch, hunts []Hunt) (Control, error) {
	each := uint64((leastSure + len(hunts) - 1) / len(hunts))
	key := fmt.Sprint(p.Scenario, p.Set)
	for _, h := range hunts {
		key += fmt.Sprint(" ", max(each, h.Seeds))
	}
	if c, ok := t.sure[key]; ok {
		return c, nil
	}
	c := Control{Clean: true}
	for _, h := range hunts {
		s := &search{simctl: t.healthy, patch: p, base: h.Base, most: max(each, h.Seeds), dir: t.dir}
		got, err := s.run(ctx)
		if err != nil || ctx.Err() != nil {
			return c, err
		}
		c.add(&got, s.most)
	}
	t.sure[key] = c
	return c, nil
}

// add adds the part from one base seed, of so many seeds.
func (c *Control) add(h *Hunt, want uint64) {
	c.Seeds += h.Seeds
	c.CPUNS += h.CPUNS
	switch {
	case !c.Clean:
	case h.Failure != nil:
		c.Clean, c.Failure = false, h.Failure
		c.Problem = fmt.Sprintf("without the bug, seed %d breaks %s: %s", h.Failure.Seed, h.Failure.Property, h.Failure.Detail)
	case h.Seeds < want:
		c.Clean, c.Problem = false, "without the bug, "+h.Problem
	}
}
