package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Four small nodes, each with the twin that breaks its rule. TestOutputCommit
// crashes or pauses them at every effect of a run.

// lines is a log of whole lines; what a crash tore off the last one is cut away.
func lines(env *Env, name string) []string {
	f := env.File(name)
	f.Truncate(bytes.LastIndexByte(f.Bytes(), '\n') + 1)
	env.SyncDir()
	return strings.Fields(string(f.Bytes()))
}

// appendLine writes a line and starts its sync: what is sent from now on waits.
func appendLine(env *Env, name, line string) {
	f := env.File(name)
	f.Append([]byte(line + "\n"))
	f.Sync()
}

// oneNodeLog stores what it is told. Its rule: what it has said it stored is on
// its disk.
type oneNodeLog struct{ entries []string }

type (
	store  string
	stored string
)

func (n *oneNodeLog) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		n.entries = lines(env, "log")
	case store:
		if !slices.Contains(n.entries, string(m)) {
			n.entries = append(n.entries, string(m))
			appendLine(env, "log", string(m))
		}
		env.Send(from, stored(m)) // also of an entry stored before: its sync may be under way
	}
}

// hastyLog says it first.
type hastyLog struct{ oneNodeLog }

func (n *hastyLog) Step(env *Env, from NodeID, m Message) {
	if m, ok := m.(store); ok {
		env.Send(from, stored(m))
		appendLine(env, "log", string(m))
		return
	}
	n.oneNodeLog.Step(env, from, m)
}

// lazyLog never syncs.
type lazyLog struct{ oneNodeLog }

func (n *lazyLog) Step(env *Env, from NodeID, m Message) {
	if m, ok := m.(store); ok {
		env.File("log").Append([]byte(m + "\n"))
		env.Send(from, stored(m))
		return
	}
	n.oneNodeLog.Step(env, from, m)
}

// namelessLog syncs its data and forgets the file's name.
type namelessLog struct{ oneNodeLog }

func (n *namelessLog) Step(env *Env, from NodeID, m Message) {
	if _, boot := m.(Boot); boot {
		n.entries = strings.Fields(string(env.File("log").Bytes()))
		return
	}
	n.oneNodeLog.Step(env, from, m)
}

// coordinator decides transactions by the votes of n2 and n3. Its rule: a
// decision that anyone has heard is on its disk, so that nobody ever hears
// another.
type coordinator struct {
	votes   map[yes]int // a bit for each participant
	decided map[int]bool
}

func vote(n NodeID) int { return 1 << n.Ordinal() }

type (
	begin    int
	prepare  int
	yes      int
	inDoubt  int // a participant asks
	decision struct {
		tx     int
		commit bool
	}
	giveUp int // timer
)

func (c *coordinator) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		c.votes, c.decided = map[yes]int{}, decisionsOn(env)
	case begin:
		tell(env, prepare(m))
		env.Arm(giveUp(m), 40*time.Millisecond)
	case yes:
		c.votes[m] |= vote(from)
		if c.votes[m] == vote(Server(2))|vote(Server(3)) {
			c.decide(env, decision{int(m), true})
		}
	case giveUp:
		c.decide(env, decision{int(m), false})
	case inDoubt: // whoever has forgotten the votes has not decided: presume abort
		c.decide(env, decision{int(m), false})
	}
}

func (c *coordinator) decide(env *Env, d decision) {
	commit, before := c.decided[d.tx]
	if before {
		d.commit = commit
	} else {
		c.decided[d.tx] = d.commit
		appendLine(env, "decisions", fmt.Sprintf("%d=%v", d.tx, d.commit))
	}
	tell(env, d)
	env.Cancel(giveUp(d.tx))
}

func decisionsOn(env *Env) map[int]bool {
	decided := map[int]bool{}
	for _, line := range lines(env, "decisions") {
		var d decision
		fmt.Sscanf(line, "%d=%t", &d.tx, &d.commit)
		decided[d.tx] = d.commit
	}
	return decided
}

func tell(env *Env, m Message) {
	env.Send(Server(2), m)
	env.Send(Server(3), m)
}

// amnesiac tells a decision before it makes it durable.
type amnesiac struct{ coordinator }

func (c *amnesiac) Step(env *Env, from NodeID, m Message) {
	if tx, ok := m.(yes); ok && c.votes[tx]|vote(from) == vote(Server(2))|vote(Server(3)) {
		if _, before := c.decided[int(tx)]; !before {
			tell(env, decision{int(tx), true})
		}
	}
	c.coordinator.Step(env, from, m)
}

// coordinate is the same coordinator as a Proc: one transaction at a time, in
// straight lines.
func coordinate(p *Proc) { coordinateWith(p, (*Proc).Sync) }

// coordinateHastily does not wait for its disk, nor does it tell it to hurry.
func coordinateHastily(p *Proc) { coordinateWith(p, func(*Proc, File) error { return nil }) }

func coordinateWith(p *Proc, durable func(*Proc, File) error) {
	decided := decisionsOn(p.Env)
	decide := func(tx int, commit bool) {
		if before, ok := decided[tx]; ok {
			commit = before
		} else {
			f := p.File("decisions")
			f.Append(fmt.Appendf(nil, "%d=%v\n", tx, commit))
			durable(p, f)
			decided[tx] = commit
		}
		tell(p.Env, decision{tx, commit})
	}
	for {
		switch m := p.Recv().Message.(type) {
		case begin:
			tell(p.Env, prepare(m))
			decide(int(m), bothVote(p, yes(m)))
		case inDoubt:
			decide(int(m), false)
		}
	}
}

func bothVote(p *Proc, tx yes) bool {
	votes := map[NodeID]bool{}
	for deadline := p.Elapsed() + 40*time.Millisecond; len(votes) < 2; {
		e, ok := p.RecvTimeout(deadline - p.Elapsed())
		if !ok {
			return false
		}
		if e.Message == tx {
			votes[e.From] = true
		}
	}
	return true
}

// participant votes yes, and asks when it has waited too long for the decision.
type participant struct{ heard func(decision) }

func (n *participant) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case prepare:
		env.Send(from, yes(m))
		env.Arm(inDoubt(m), 60*time.Millisecond)
	case inDoubt:
		env.Send(Server(1), m)
		env.Arm(m, 60*time.Millisecond)
	case decision:
		n.heard(m)
		env.Cancel(inDoubt(m.tx))
	}
}

// grantor lends one lease at a time, to whoever asks when it is free. Every
// lease has a token, larger than all before: durable before it is granted.
type grantor struct {
	token int
	until time.Duration
}

type (
	acquire struct{ asked time.Duration } // on the holder's clock: the lease runs from there
	granted struct {
		token int
		asked time.Duration
	}
)

const leaseTime = 50 * time.Millisecond

func (g *grantor) Step(env *Env, from NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		g.token = len(lines(env, "tokens"))
		g.until = env.Elapsed() + leaseTime // of a lease that nobody remembers
	case acquire:
		if env.Elapsed() >= g.until {
			g.token++
			g.until = env.Elapsed() + leaseTime
			appendLine(env, "tokens", fmt.Sprint(g.token))
			env.Send(from, granted{g.token, m.asked})
		}
	}
}

// hold is the lease holder: it writes while it believes in its lease. It stops
// early enough for its last message to arrive, but a pause between the look at
// the clock and the write is longer than any margin.
func hold(p *Proc) {
	const margin = 10 * time.Millisecond
	for {
		p.Send(Server(1), acquire{p.Elapsed()})
		e, ok := p.RecvTimeout(20 * time.Millisecond)
		if lease, is := e.Message.(granted); ok && is {
			for p.Elapsed() < lease.asked+leaseTime-margin {
				p.Send(Server(4), leased{lease.token})
				p.Sleep(7 * time.Millisecond)
			}
			p.Sleep(p.Duration("rest", Uniform(0, 30*time.Millisecond)))
		}
	}
}

// fencedStore is what the lease protects. Its rule: no write under a lease
// after one under a later lease, so it refuses tokens below the largest seen.
type fencedStore struct{ largest int }

type leased struct{ token int }

func (s *fencedStore) Step(env *Env, _ NodeID, m Message) {
	switch m := m.(type) {
	case Boot:
		for _, line := range lines(env, "data") {
			fmt.Sscan(line, &s.largest)
		}
	case leased:
		if m.token >= s.largest {
			s.largest = m.token
			appendLine(env, "data", fmt.Sprint(m.token))
		}
	}
}

// trustingStore believes that a holder that checks its lease holds it.
type trustingStore struct{ fencedStore }

func (s *trustingStore) Step(env *Env, from NodeID, m Message) {
	if _, write := m.(leased); write {
		s.largest = 0
	}
	s.fencedStore.Step(env, from, m)
}
