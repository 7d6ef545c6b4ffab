package cli_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openPTY is a terminal: what is written to its far end is read from the near one.
func openPTY(t *testing.T) (near, far *os.File) {
	t.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminals here")
	}
	t.Cleanup(func() { near.Close() })
	if err := unix.IoctlSetPointerInt(int(near.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(near.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip("no terminals here")
	}
	size := &unix.Winsize{Row: 24, Col: 100}
	if err := unix.IoctlSetWinsize(int(far.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// onTerminal runs a command whose stdout and stderr are a terminal of 100 columns.
func onTerminal(t *testing.T, env []string, args ...string) string {
	t.Helper()
	near, far := openPTY(t)
	in := fixtureIn(t, t.TempDir())
	in.env = env
	cmd := in.command(args...)
	cmd.Stdout, cmd.Stderr = far, far
	seen := make(chan string)
	go func() {
		text, _ := io.ReadAll(near) // ends with an error when the far end closes
		seen <- string(text)
	}()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	far.Close()
	exitCode(t, cmd.Wait())
	return <-seen
}

// On a terminal verdicts are coloured, unless NO_COLOR says otherwise or the
// terminal cannot.
func TestColour(t *testing.T) {
	const red = "\x1b[31mviolated"
	if got := onTerminal(t, nil, "run", "doomed"); !strings.Contains(got, red) {
		t.Errorf("no colour on a terminal:\n%q", got)
	}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		if got := onTerminal(t, []string{env}, "run", "doomed"); strings.Contains(got, "\x1b") {
			t.Errorf("%s: escape sequences in\n%q", env, got)
		}
	}
}

// Tables fit the terminal.
func TestTablesFitTheTerminal(t *testing.T) {
	for _, line := range strings.Split(onTerminal(t, []string{"NO_COLOR=1"}, "list"), "\r\n") {
		if len(line) > 100 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// A hunt on a terminal shows a bar that is gone in the end.
func TestProgressBar(t *testing.T) {
	got := onTerminal(t, nil, "hunt", "calm", "--seeds", "1-1000000", "--for", "1s")
	if !strings.Contains(got, "hunt calm") || !strings.Contains(got, "%") {
		t.Errorf("no progress bar in\n%q", got)
	}
	if !strings.Contains(got, "covered") {
		t.Errorf("no report in\n%q", got)
	}
}
