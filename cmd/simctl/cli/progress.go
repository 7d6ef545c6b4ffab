package cli

import (
	"fmt"
	"io"
	"math"
	"time"

	bar "github.com/jedib0t/go-pretty/v6/progress"

	"distsim/scenarios"
)

// progress shows on stderr how far a hunt is: a bar on a terminal, else a line
// now and then. Its update is called by one worker at a time.
type progress interface {
	update(done uint64)
	stop()
}

// progress makes the one that fits, for a total of so many things called unit; 0 means
// that nobody knows the end.
func (a *app) progress(label, unit string, total uint64) progress {
	if a.term.live {
		return newLiveBar(a.err, label, total)
	}
	return &plainLines{w: a.err, label: label, unit: unit, total: total, every: 5 * time.Second}
}

// plainLines says at the first seed, or case, that the work is on, and then how far it
// is, every few seconds.
type plainLines struct {
	w          io.Writer
	label      string
	unit       string // seed
	total      uint64
	every      time.Duration
	start, due time.Time
}

func (p *plainLines) update(done uint64) {
	now := time.Now()
	if p.start.IsZero() {
		p.start = now
	}
	if now.Before(p.due) {
		return
	}
	p.due = now.Add(p.every)
	so := scenarios.Plural(done, p.unit)
	if p.total > 0 {
		so = fmt.Sprintf("%d of %s", done, scenarios.Plural(p.total, p.unit))
	}
	fmt.Fprintf(p.w, "%s: %s after %v\n", p.label, so, now.Sub(p.start).Round(time.Second))
}

func (p *plainLines) stop() {}

// liveBar is a progress bar that goes away when it is stopped.
type liveBar struct {
	tracker *bar.Tracker
	gone    chan struct{}
}

func newLiveBar(w io.Writer, label string, total uint64) *liveBar {
	out := bar.NewWriter()
	out.SetOutputWriter(w)
	out.SetAutoStop(true)
	out.SetUpdateFrequency(100 * time.Millisecond)
	out.SetTrackerPosition(bar.PositionRight)
	out.Style().Visibility.Speed = true
	b := &liveBar{
		tracker: &bar.Tracker{Message: label, Total: int64(min(total, math.MaxInt64)), RemoveOnCompletion: true},
		gone:    make(chan struct{}),
	}
	out.AppendTracker(b.tracker)
	go func() {
		defer close(b.gone)
		out.Render()
	}()
	return b
}

func (b *liveBar) update(done uint64) {
	// A tracker that reaches its total is done; the last seed is left to stop.
	if b.tracker.Total == 0 || int64(done) < b.tracker.Total {
		b.tracker.SetValue(int64(done))
	}
}

func (b *liveBar) stop() {
	b.tracker.MarkAsDone()
	<-b.gone
}
