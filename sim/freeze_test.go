package sim

import (
	"strings"
	"testing"
)

// letter has every kind of content a payload can have.
type letter struct {
	Lines []string
	words map[string][]byte
	next  *letter
	any   Message
	pair  [2]int8
	ok    bool
	f     float64
	u     uint16
}

func newLetter() *letter {
	return &letter{Lines: []string{"a"}, words: map[string][]byte{"k": []byte("v"), "l": nil},
		next: &letter{u: 3}, any: ask{"x", 1}, f: 1.5}
}

// Every change is seen, wherever it is; equal content has one hash.
func TestDeepHashSeesEveryChange(t *testing.T) {
	base := deepHash(newLetter())
	equal(t, "hash of an equal letter", deepHash(newLetter()), base)
	for what, change := range map[string]func(l *letter){
		"element":         func(l *letter) { l.Lines[0] = "b" },
		"length":          func(l *letter) { l.Lines = append(l.Lines, "") },
		"nil slice":       func(l *letter) { l.Lines = nil },
		"map value":       func(l *letter) { l.words["k"][0] = 'w' },
		"map key":         func(l *letter) { l.words["m"] = nil },
		"swapped values":  func(l *letter) { l.words["k"], l.words["l"] = l.words["l"], l.words["k"] },
		"pointed":         func(l *letter) { l.next.u++ },
		"pointer":         func(l *letter) { l.next = nil },
		"interface value": func(l *letter) { l.any = ask{"x", 2} },
		"interface type":  func(l *letter) { l.any = note("x") },
		"nil interface":   func(l *letter) { l.any = nil },
		"array":           func(l *letter) { l.pair[1]-- },
		"bool":            func(l *letter) { l.ok = true },
		"float":           func(l *letter) { l.f = -1.5 },
		"unsigned":        func(l *letter) { l.u = 1 },
	} {
		l := newLetter()
		change(l)
		if deepHash(l) == base {
			t.Errorf("%s: a change goes unseen", what)
		}
	}
	var loop letter
	loop.next = &loop
	if text := panics(t, "a payload that points to itself", func() { deepHash(&loop) }); !strings.Contains(text, "points to itself") {
		t.Errorf("a payload that points to itself: %q", text)
	}
}

// The check mode reports who changed a message, and when.
func TestFreezeCheckNamesWhoChangedAMessage(t *testing.T) {
	for what, c := range map[string]struct {
		sender, receiver func(l *letter)
		who              NodeID
		parts            []string
	}{
		"nobody":       {},
		"the sender":   {sender: func(l *letter) { l.Lines[0] = "x" }, who: Server(1), parts: []string{"sim.letter", "sent by n1 at 0s", "(last step: n1)"}},
		"the receiver": {receiver: func(l *letter) { l.words["k"][0] = 'x' }, who: Server(2), parts: []string{"sent by n1 at 0s", "changed in the step that just ended (last step: n2)"}},
	} {
		w := testWorld(t, Config{FreezeCheck: true, Net: NetConfig{Latency: Fixed(millis(5))}})
		sent := newLetter()
		w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
			switch m.(type) {
			case Boot:
				env.Send(Server(2), sent)
				env.Arm(alarm("x"), millis(2))
			case alarm:
				if c.sender != nil {
					c.sender(sent)
				}
			}
		}))
		w.AddServer(serve(func(_ *Env, _ NodeID, m Message) {
			if l, ok := m.(*letter); ok && c.receiver != nil {
				c.receiver(l)
			}
		}))
		w.RunUntil(ms(10))
		if c.who == 0 {
			holds(t, w)
			continue
		}
		v := violates(t, w, "frozen", c.parts...)
		equalSlices(t, what+": nodes", v.Nodes, []NodeID{c.who})
	}
}

// A held send is frozen from the call on, and what has been sent long ago is
// looked at once more at the end.
func TestFreezeCheckLooksAtHeldAndOldMessages(t *testing.T) {
	w := testWorld(t, Config{FreezeCheck: true, Disk: DiskConfig{Sync: Fixed(millis(5))}})
	w.AddServer(onBoot(func(env *Env) {
		l := newLetter()
		env.SyncDir()
		env.Send(Server(1), l)
		l.ok = true
	}))
	w.RunUntil(0)
	violates(t, w, "frozen", "n1")

	old := newLetter()
	w = New(Config{FreezeCheck: true})
	w.AddServer(onBoot(func(env *Env) {
		env.Send(Server(1), old)
		for range 1000 {
			env.Send(Server(1), note("x"))
		}
	}))
	w.RunUntil(ms(1))
	old.ok = true
	holds(t, w)
	w.Close()
	violates(t, w, "frozen", "by the end of the run")
}

// Without the check nothing is looked at.
func TestNoFreezeCheck(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(onBoot(func(env *Env) {
		l := newLetter()
		env.Send(Server(1), l)
		l.ok = true
	}))
	w.RunUntil(ms(1))
	holds(t, w)
	equal(t, "messages kept", len(w.frozen.sent), 0)
}
