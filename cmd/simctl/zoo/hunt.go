package zoo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Hunt is what became of one search for a bug, from one base seed.
type Hunt struct {
	Base  uint64 `json:"base"`
	Seeds uint64 `json:"seeds"`  // tried, the failing one included
	CPUNS int64  `json:"cpu_ns"` // of the patched simctl, user and system
	Found bool   `json:"found"`  // a property that the patch breaks, in time

	Failure *Failure `json:"failure"`           // the violation that ended it; null: there was none
	Problem string   `json:"problem,omitempty"` // why nothing was found

	plan []byte // of the failing run
}

// Failure is an undeclared violation.
type Failure struct {
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	Detail   string `json:"detail"`
	Artifact string `json:"artifact"` // the plan that repeats it with the bug; empty: it was not kept
}

// search is seeds to try, one after the other, until one fails.
type search struct {
	simctl string // the executable
	patch  *Patch
	base   uint64
	most   uint64        // seeds
	limit  time.Duration // of processor time; 0: none
	dir    string        // for plans

	// patience is how long a slice may take by the clock, as a run that never ends must
	// not hold up the others; 0: for ever.
	patience time.Duration
}

// Seeds are run in slices, as the processor time of a process is known when it ends.
// A slice takes a fraction of the limit if the seeds before it tell anything.
const (
	firstSlice = 16
	fraction   = 8
	mostSlice  = 4096
)

// run tries the seeds. The error is of the surroundings; of the bug Hunt tells.
func (s *search) run(ctx context.Context) (Hunt, error) {
	h := Hunt{Base: s.base}
	for h.Seeds < s.most && h.Failure == nil && h.Problem == "" && ctx.Err() == nil {
		from := s.base + h.Seeds
		if err := s.slice(ctx, from, from+s.size(&h)-1, &h); err != nil {
			return h, err
		}
		if h.Problem == "" && s.limit > 0 && h.CPUNS > int64(s.limit) {
			h.Problem = fmt.Sprintf("nothing in %v of processor time", s.limit)
		}
	}
	h.judge(s.patch)
	return h, nil
}

// judge decides whether the bug was found.
func (h *Hunt) judge(p *Patch) {
	switch f := h.Failure; {
	case f == nil && h.Problem == "":
		h.Problem = "nothing in " + seeds(h.Seeds)
	case f == nil || h.Problem != "":
	case !slices.Contains(p.Breaks, f.Property):
		h.Problem = fmt.Sprintf("seed %d breaks %s, which is not under Breaks: %s", f.Seed, f.Property, f.Detail)
	default:
		h.Found = true
	}
}

func seeds(n uint64) string {
	if n == 1 {
		return "1 seed"
	}
	return fmt.Sprintf("%d seeds", n)
}

// size is how many seeds the next slice has.
func (s *search) size(h *Hunt) uint64 {
	left := s.most - h.Seeds
	if h.Seeds == 0 {
		return min(firstSlice, left)
	}
	n := uint64(mostSlice)
	if s.limit > 0 {
		each := max(h.CPUNS/int64(h.Seeds), 1)
		n = min(n, uint64(min(int64(s.limit)/fraction, int64(s.limit)-h.CPUNS)/each))
	}
	return min(max(n, 1), left)
}

// document is what of a hunt's report counts here.
type document struct {
	Ran      uint64    `json:"ran"`
	Failures []Failure `json:"failures"`
	Missing  uint64    `json:"missing"`
}

// slice runs some of the seeds, and adds what came of it.
func (s *search) slice(ctx context.Context, from, to uint64, h *Hunt) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.patience > 0 {
		limited, cancel = context.WithTimeout(ctx, s.patience)
	}
	defer cancel()
	cmd := s.command(limited, from, to)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && cmd.ProcessState == nil {
		return err
	}
	h.CPUNS += int64(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	var doc document
	unreadable := json.Unmarshal(out.Bytes(), &doc)
	switch {
	case ctx.Err() != nil && unreadable != nil: // stopped before it could say anything
		return nil
	case limited.Err() != nil && ctx.Err() == nil:
		h.Problem = fmt.Sprintf("a run among the seeds %d-%d did not end in %v", from, to, s.patience)
		return nil
	case unreadable != nil:
		h.Problem = fmt.Sprintf("the hunt of seeds %d-%d died: %s", from, to, lastLine(problems.String(), err))
		return nil
	}
	return s.enter(&doc, h)
}

func (s *search) command(ctx context.Context, from, to uint64) *exec.Cmd {
	args := []string{"hunt", s.patch.Scenario, "--seeds", fmt.Sprintf("%d-%d", from, to), "-j", "1", "--json", "--out", s.dir}
	for _, set := range s.patch.Settings() {
		args = append(args, "--set", set)
	}
	cmd := exec.CommandContext(ctx, s.simctl, args...)
	cmd.Dir = s.dir
	apart(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// enter adds the report of a slice.
func (s *search) enter(doc *document, h *Hunt) error {
	h.Seeds += doc.Ran
	switch {
	case len(doc.Failures) > 0:
		f := doc.Failures[0]
		plan, err := os.ReadFile(f.Artifact)
		if err != nil {
			return fmt.Errorf("the hunt left no plan of seed %d: %w", f.Seed, err)
		}
		f.Artifact = ""
		h.Failure, h.plan = &f, plan
	case doc.Missing > 0:
		h.Problem = "a violation that the scenario declares did not come"
	}
	return nil
}

// lastLine is what a process said when it died; of a crash of Go the first line, as the
// others are its stacks.
func lastLine(stderr string, err error) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ") {
			return line
		}
	}
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return fmt.Sprint(err)
}
