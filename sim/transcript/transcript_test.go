package transcript_test

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"distsim/sim"
	"distsim/sim/simtest/golden"
	"distsim/sim/transcript"
)

func write(t testing.TB, w *sim.World, o transcript.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := transcript.Write(&b, w.Trace(), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func prose(t testing.TB, w *sim.World, o transcript.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := transcript.Prose(&b, w.Trace(), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoldenTranscripts(t *testing.T) {
	three, nine, many := story(3), story(9), story(60)
	golden.Compare(t, "transcript/three.txt", write(t, three, transcript.Options{}))
	golden.Compare(t, "transcript/three-prose.txt", prose(t, three, transcript.Options{}))
	golden.Compare(t, "transcript/three-roles-and-talk.txt", prose(t, three, transcript.Options{Fields: []string{"role"}, Talk: true}))
	golden.Compare(t, "transcript/three-ascii-narrow.txt", write(t, three, transcript.Options{ASCII: true, Width: 72}))
	golden.Compare(t, "transcript/partition-of-n3.txt", write(t, three, transcript.Options{From: ms(590), To: ms(1110), Nodes: []sim.NodeID{sim.Server(3)}}))
	golden.Compare(t, "transcript/nine.txt", write(t, nine, transcript.Options{To: ms(700)}))
	golden.Compare(t, "transcript/sixty.txt", write(t, many, transcript.Options{To: ms(200)}))
}

// Every line keeps within the width and its character set, however many nodes
// there are.
func TestLinesKeepWithinTheWidth(t *testing.T) {
	for _, servers := range []int{1, 3, 5, 7, 15, 60} {
		w := story(servers + 2) // the story needs three
		for _, width := range []int{60, 80, 110, 160} {
			for _, ascii := range []bool{false, true} {
				text := string(write(t, w, transcript.Options{Width: width, ASCII: ascii}))
				for i, line := range strings.Split(text, "\n") {
					if n := utf8.RuneCountInString(line); n > width {
						t.Fatalf("%d servers, width %d: line %d has %d characters: %s", servers+2, width, i+1, n, line)
					}
				}
				for _, r := range text {
					if r != '\n' && !unicode.IsPrint(r) || ascii && r > unicode.MaxASCII {
						t.Fatalf("%d servers, width %d, ASCII %v: character %q", servers+2, width, ascii, r)
					}
				}
			}
		}
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	w := story(3)
	coloured := string(write(t, w, transcript.Options{Colour: true}))
	if !strings.Contains(coloured, "\x1b[31m") {
		t.Error("no red in a coloured transcript with losses")
	}
	bare := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, "")
	if plain := string(write(t, w, transcript.Options{})); bare != plain {
		t.Error("without its colours, the coloured transcript differs from the plain one")
	}
}

func TestSameTraceSameBytes(t *testing.T) {
	first, again := write(t, story(5), transcript.Options{}), write(t, story(5), transcript.Options{})
	if !bytes.Equal(first, again) {
		t.Error("two transcripts of one run differ")
	}
}

// Nothing is dropped silently: each message between servers is told in a line
// of its own or counted in a gathered one, whether it arrived or not.
func TestEveryMessageIsToldOrCounted(t *testing.T) {
	w := story(5)
	var arrived, missed int
	for i := range w.Trace().Records() {
		r := &w.Trace().Records()[i]
		between := r.Node.IsServer() && r.Peer.IsServer()
		switch {
		case between && r.Kind == sim.KindDeliver:
			arrived++
		case between && (r.Kind == sim.KindMiss || r.Kind == sim.KindSend && r.Fate != sim.Delivered):
			missed++
		}
	}
	gotArrived, gotMissed := countTold(string(prose(t, w, transcript.Options{})))
	if gotArrived != arrived || gotMissed != missed {
		t.Errorf("told: %d messages that arrived and %d that did not; there were %d and %d", gotArrived, gotMissed, arrived, missed)
	}
}

// countTold adds up the messages between servers that a prose transcript tells.
func countTold(text string) (arrived, missed int) {
	one := regexp.MustCompile(`^\S+ n\d+.* on \S+ .*from n\d+$`)
	lost := regexp.MustCompile(`^\S+ ✗ n\d+→(n[n,\d]*) `)
	many := regexp.MustCompile(`(✗ )?(\d+) × `)
	for _, line := range strings.Split(text, "\n") {
		switch m := lost.FindStringSubmatch(line); {
		case m != nil:
			missed += strings.Count(m[1], "n")
		case one.MatchString(line):
			arrived++
		default:
			for _, m := range many.FindAllStringSubmatch(line, -1) {
				n, _ := strconv.Atoi(m[2])
				if m[1] == "" {
					arrived += n
				} else {
					missed += n
				}
			}
		}
	}
	return arrived, missed
}

func TestTraceWithoutRecords(t *testing.T) {
	w := sim.New(sim.Config{})
	w.AddServer(func() sim.Node { return &toy{} })
	w.RunUntil(ms(10))
	if err := transcript.Write(io.Discard, w.Trace(), transcript.Options{}); err == nil {
		t.Error("a trace without records: no error")
	}
}

// shouter shows no view and says what must not reach a terminal.
type shouter struct{}

func (shouter) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		env.Logf("\x1b[31mred\x1b[0m\nand a second line, %s", strings.Repeat("long ", 100))
		env.Reached("boot")
		env.Send(sim.Server(3-env.ID().Ordinal()), "\a\x00 hello \u202e")
	case string:
		env.Arm(ms(1), 0)
		if from == sim.Server(2) {
			env.Fatal("heard %s", m)
		}
	}
}

// A node that shows nothing is told whenever it hears something, and no text
// of the code under test can harm a terminal.
func TestViewlessAndHostileNodes(t *testing.T) {
	w := sim.New(sim.Config{Records: true})
	w.AddServer(func() sim.Node { return shouter{} })
	w.AddServer(func() sim.Node { return shouter{} })
	w.RunUntil(ms(10))
	text := string(write(t, w, transcript.Options{}))
	for _, want := range []string{"n2 ← n1 string", "n1 ← n2 string", "n1 halts: heard", "n1 says:  [31mred", "n1 reached: boot"} {
		if !strings.Contains(text, want) {
			t.Errorf("the transcript does not say %q:\n%s", want, text)
		}
	}
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("the transcript contains %q", r)
		}
	}
}

// actor shows a role and nothing else.
type actor string

func (actor) Step(*sim.Env, sim.NodeID, sim.Message) {}

func (a actor) View(v *sim.View) { v.Text("role", string(a)) }

// A legend has the words for roles that turn up, beside the two that it always has, and
// explains the letters of roles that have no sign.
func TestLegend(t *testing.T) {
	for want, roles := range map[string][]string{
		"★ leader or primary   ? candidate   · follower or backup   ○ up   ‖ paused   ✗ down":                           {"leader", "follower", ""},
		"★ leader or primary   ? candidate   · follower or backup   l lost   ○ up   ‖ paused   ✗ down":                  {"leader", "Lost", "lost"},
		"★ leader, primary or coordinator   ? candidate   · follower, backup or participant   ○ up   ‖ paused   ✗ down": {"Participant", "coordinator", "participant"},
		"★ leader, primary, coordinator or holder   ? candidate   · follower or backup   ○ up   ‖ paused   ✗ down":      {"coordinator", "holder"},
	} {
		w := sim.New(sim.Config{Records: true})
		for _, role := range roles {
			w.AddServer(func() sim.Node { return actor(role) })
		}
		w.RunUntil(ms(10))
		if got, _, _ := strings.Cut(string(write(t, w, transcript.Options{})), "\n"); got != want {
			t.Errorf("%v: the legend is\n%s, want\n%s", roles, got, want)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	w := story(5)
	b.ReportAllocs()
	for b.Loop() {
		transcript.Write(io.Discard, w.Trace(), transcript.Options{})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(w.Trace().Len), "ns/record")
}
