package raft_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"distsim/sim"
)

// teller tells a trace of a Raft group in the words of the paper. What several
// nodes did at one time is one line, and heartbeats that changed nothing are
// counted.
type teller struct {
	t     *sim.Trace
	lines []line
	state map[sim.NodeID]map[string]sim.Field // as last seen
	quiet int                                 // messages that changed nothing
	lost  int                                 // messages that did not arrive
}

type line struct {
	at   sim.Time
	who  []string
	what string
}

func tellTrace(w io.Writer, t *sim.Trace) {
	p := &teller{t: t, state: map[sim.NodeID]map[string]sim.Field{}}
	for i := range t.Records() {
		p.record(&t.Records()[i])
	}
	p.fold(sim.Time(t.Records()[len(t.Records())-1].At))
	for _, l := range p.lines {
		us := time.Duration(l.at).Microseconds()
		fmt.Fprintf(w, "%3d.%d ms  %s\n", us/1000, us/100%10, strings.TrimSpace(and(l.who)+" "+l.what))
	}
}

// and joins words as English does: n1, n2 and n3.
func and(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// say adds a line, or a name to a line that says the same of the same time.
func (p *teller) say(at sim.Time, who, what string) {
	for i := len(p.lines) - 1; i >= 0 && p.lines[i].at == at; i-- {
		if l := &p.lines[i]; l.what == what && !slices.Contains(l.who, who) {
			l.who = append(l.who, who)
			return
		}
	}
	p.lines = append(p.lines, line{at, []string{who}, what})
}

// chapter is a line about all nodes, behind what happened silently before.
func (p *teller) chapter(at sim.Time, what string) {
	p.fold(at)
	p.lines = append(p.lines, line{at, nil, "— " + what + " —"})
}

// fold says how much happened that is not worth a line each.
func (p *teller) fold(at sim.Time) {
	var parts []string
	if p.quiet > 0 {
		parts = append(parts, fmt.Sprintf("%d messages changed nothing", p.quiet))
	}
	if p.lost > 0 {
		parts = append(parts, fmt.Sprintf("%d did not arrive", p.lost))
	}
	if len(parts) > 0 {
		p.lines = append(p.lines, line{at, nil, "(until here " + and(parts) + ")"})
	}
	p.quiet, p.lost = 0, 0
}

func (p *teller) record(r *sim.Record) {
	who := r.Node.String()
	switch r.Kind {
	case sim.KindBoot, sim.KindTimer, sim.KindDeliver:
		p.step(r)
	case sim.KindSend:
		if r.Fate == sim.Cut || r.Fate == sim.Lost {
			p.lost++
		}
	case sim.KindMiss:
		p.lost++
	case sim.KindCrash:
		p.chapter(r.At, who+" crashes")
		delete(p.state, r.Node)
	case sim.KindHalt, sim.KindLog:
		p.say(r.At, who, r.Text)
	case sim.KindFault, sim.KindHeal:
		p.chapter(r.At, r.Text)
	case sim.KindInvoke:
		p.say(r.At, who, "asked "+strings.TrimSuffix(r.Text, " -> unknown"))
	case sim.KindReturn:
		p.say(r.At, who, "heard "+r.Text)
	}
}

// step tells what one step changed.
func (p *teller) step(r *sim.Record) {
	was := p.state[r.Node]
	now := map[string]sim.Field{}
	for name, f := range was {
		now[name] = f
	}
	for _, f := range r.Fields {
		now[strings.TrimPrefix(f.Name, "raft.")] = f
	}
	p.state[r.Node] = now
	said := p.elections(r, was, now)
	said = append(said, logs(r, was, now)...)
	said = append(said, reads(was, now)...)
	if r.Kind == sim.KindDeliver && r.Peer != 0 && len(said) == 0 {
		said = append(said, p.refusal(r)...)
	}
	if len(said) > 0 {
		p.say(r.At, r.Node.String(), and(said))
	} else if r.Kind == sim.KindDeliver && r.Peer != r.Node {
		p.quiet++
	}
}

func (p *teller) elections(r *sim.Record, was, now map[string]sim.Field) (said []string) {
	term := now["term"].Value()
	newRole, newTerm := now["role"] != was["role"], now["term"] != was["term"]
	asked := was["role"].Text == "pre-candidate"
	switch role := now["role"].Text; {
	case r.Kind == sim.KindBoot && r.Inc > 1:
		return []string{fmt.Sprintf("booted in term %s with %s entries on disk", term, now["log.last"].Value())}
	case r.Kind == sim.KindBoot && r.Node.IsServer():
		return []string{"booted"}
	case newRole && role == "pre-candidate":
		said = append(said, fmt.Sprintf("heard from no leader and asked who would vote for it in term %d", now["term"].Int+1))
	case newRole && role == "candidate" && asked:
		said = append(said, "would have a majority and campaigned in term "+term)
	case newRole && role == "candidate":
		said = append(said, "heard from no leader and campaigned in term "+term)
	case newTerm && role == "candidate":
		said = append(said, "found no majority and campaigned again, in term "+term)
	case newRole && role == "leader":
		said = append(said, "had a majority", "led term "+term)
	case newRole && asked: // it only asked
	case newRole && !newTerm && role == "follower" && was["role"].Text == "leader":
		said = append(said, "heard from no majority and stepped down")
	case newRole:
		said = append(said, fmt.Sprintf("learned of term %s from %v", term, r.Peer), "stepped down")
	}
	if v := now["vote"]; v != was["vote"] && v.Int != 0 && v.Int != int64(r.Node) {
		said = append(said, fmt.Sprintf("voted for %s in term %s", v.Value(), term))
	}
	if l := now["leader"]; l != was["leader"] && l.Int != 0 && l.Int != int64(r.Node) {
		said = append(said, "followed "+l.Value())
	}
	return said
}

// reads tells of rounds of heartbeats that confirm a leader.
func reads(was, now map[string]sim.Field) (said []string) {
	before, after := was["read.index"], now["read.index"]
	switch {
	case after == before:
		return nil
	case before.Int != 0 && now["role"].Text != "leader":
		return []string{"dropped its reads"}
	case before.Int != 0:
		said = append(said, "knew that it still led", "served reads at index "+before.Value())
	}
	if after.Int != 0 {
		said = append(said, "asked all whether it still leads, for reads at index "+after.Value())
	}
	return said
}

func logs(r *sim.Record, was, now map[string]sim.Field) (said []string) {
	if r.Kind == sim.KindBoot {
		return nil
	}
	last, lastTerm := now["log.last"], now["log.lastTerm"]
	switch {
	case last == was["log.last"] && lastTerm == was["log.lastTerm"]:
	case now["role"].Text == "leader" && was["role"].Text != "leader":
		said = append(said, fmt.Sprintf("opened it with entry %s", last.Value()))
	case now["role"].Text == "leader":
		said = append(said, fmt.Sprintf("appended entry %s", last.Value()))
	default:
		said = append(said, taken(r.Text, was, now))
	}
	if now["commit"] != was["commit"] {
		said = append(said, "committed up to entry "+now["commit"].Value())
	}
	return said
}

// taken says what a follower did with the entries of an Append.
func taken(text string, was, now map[string]sim.Field) string {
	words := strings.Fields(text) // entry 2 in term 1, … or entries 2…3 in term 2, …
	what := "took " + strings.Join(words[:2], " ") + " of term " + now["log.lastTerm"].Value()
	first := int64(0)
	fmt.Sscanf(words[1], "%d", &first)
	if end := was["log.last"]; first <= end.Int {
		what += fmt.Sprintf(" in place of its entry %s of term %s", end.Value(), was["log.lastTerm"].Value())
	}
	return what
}

// refusal tells of answers that changed nothing yet matter to the story.
func (p *teller) refusal(r *sim.Record) []string {
	if strings.HasPrefix(r.Text, "no in") || strings.HasPrefix(r.Text, "would not") || strings.HasPrefix(r.Text, "conflict") {
		return []string{fmt.Sprintf("was refused by %v: %s", r.Peer, r.Text)}
	}
	return nil
}
