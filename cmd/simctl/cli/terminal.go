package cli

import (
	"os"

	"golang.org/x/term"
)

// terminal is what stdout and stderr can show.
type terminal struct {
	width  int  // of stdout; 0 when it is no terminal: nothing is wrapped
	colour bool // stdout is a terminal that wants colour
	live   bool // stderr is a terminal that a progress bar may redraw
}

func detectTerminal() terminal {
	dumb := os.Getenv("TERM") == "dumb"
	t := terminal{live: term.IsTerminal(int(os.Stderr.Fd())) && !dumb}
	if !term.IsTerminal(int(os.Stdout.Fd())) {
		return t
	}
	t.colour = os.Getenv("NO_COLOR") == "" && !dumb
	t.width = 80
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
		t.width = w
	}
	return t
}

// verdict colours a verdict on a terminal: green holds, red violated, yellow
// undecided. The word carries the meaning; the colour only repeats it.
func (t terminal) verdict(word string) string {
	codes := map[string]string{"holds": "32", "violated": "31", "unknown": "33"}
	code, ok := codes[word]
	if !t.colour || !ok {
		return word
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m"
}
