package lock

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/nodes/raft"
	"distsim/sim"
)

// desk is a user of a Session on three servers that the test plays. Messages take a
// millisecond.
type desk struct {
	*sim.World
	t       *testing.T
	user    *owner
	servers [3]*puppet
}

// owner is the user: it notes what its session tells it.
type owner struct {
	cfg     Config
	locks   *Session
	answers []Answer
	lapsed  int
}

func (o *owner) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		o.locks = NewSession(o.cfg, o)
		env.Part(part).Attach(o.locks)
	}
}

func (o *owner) Answered(a Answer) { o.answers = append(o.answers, a) }

func (o *owner) Lapsed() { o.lapsed++ }

// Section is that of l1, as long as the owner believes that it holds it.
func (o *owner) Section() (invariant.Section, bool) {
	if o.locks == nil {
		return invariant.Section{}, false
	}
	g, in := o.locks.Held("l1")
	return invariant.Section{Lock: g.Lock, Token: g.Token}, in
}

// puppet is a server that says what the test wants.
type puppet struct {
	env   *sim.Env
	heard []*Request
	keeps bool // it renews leases
}

func (p *puppet) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		p.env = env
		return
	}
	switch m := m.(type) {
	case *Request:
		p.heard = append(p.heard, m)
	case *KeepAlive:
		if p.keeps {
			env.Reply(env.ReplyTo(), &Kept{Session: m.Session, Sent: m.Sent, Status: Renewed})
		}
	}
}

func newDesk(t *testing.T, cfg Config) *desk {
	d := &desk{World: sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}, FreezeCheck: true}), t: t, user: &owner{cfg: cfg}}
	t.Cleanup(func() {
		if v := d.Violations(); len(v) > 0 {
			t.Error(v)
		}
		d.Close()
	})
	for i := range d.servers {
		d.servers[i] = &puppet{}
		d.AddServer(func() sim.Node { return d.servers[i] })
	}
	d.AddClient(func() sim.Node { return d.user })
	d.pass(0)
	return d
}

func (d *desk) pass(span time.Duration) { d.RunUntil(d.Now() + sim.Time(span)) }

func (d *desk) locks() *Session { return d.user.locks }

// hears lists what a server has heard since it was last asked, keep-alives left out.
func (d *desk) hears(server int) string {
	p := d.servers[server-1]
	var all []string
	for _, r := range p.heard {
		all = append(all, fmt.Sprintf("%s #%d in term %d", r.Summary(), r.N, r.Term))
	}
	p.heard = nil
	return strings.Join(all, ", ")
}

// says sends the user a message from a server, as an answer to nothing in particular.
func (d *desk) says(server int, m sim.Message) {
	d.servers[server-1].env.Part(part).Send(sim.Client(1), m)
	d.pass(time.Millisecond)
}

// session is the session that the user has or wants.
func (d *desk) session() SessionID { return d.locks().id }

func (d *desk) reply(server int, n uint64, status Status, token uint64) {
	d.says(server, &Reply{Session: d.session(), N: n, Status: status, Token: token})
}

// refuses says no, and who leads; 0: nobody.
func (d *desk) refuses(server int, n uint64, leader int, term raft.Term) {
	r := &Reply{Session: d.session(), N: n, Status: Refused, Term: term}
	if leader > 0 {
		r.Leader = sim.Server(leader)
	}
	d.says(server, r)
}

// leads lets the user open a session with n1, which leads term 1, by trying to get l1.
func (d *desk) leads() {
	d.locks().Try("l1")
	d.pass(time.Millisecond)
	d.refuses(2, 0, 1, 1)
	d.pass(time.Millisecond)
	d.reply(1, 0, Opened, 0)
	d.pass(time.Millisecond)
	for i := range d.servers {
		d.hears(i + 1)
	}
}

// granted is leads, and n1 grants l1 under token 7.
func (d *desk) granted() {
	d.leads()
	d.reply(1, 1, Granted, 7)
}

// answered wants the user to have heard that, and no more.
func (d *desk) answered(want ...Answer) {
	d.t.Helper()
	for i := range want {
		want[i].Session = SessionID{Client: sim.Client(1), Session: 1<<32 | 1}
		if want[i].Lock == "" {
			want[i].Lock = "l1"
		}
	}
	if !slices.Equal(d.user.answers, want) {
		d.t.Errorf("answered %v\nwant     %v", d.user.answers, want)
	}
}

func (d *desk) wants(what, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: %q, want %q", what, got, want)
	}
}
