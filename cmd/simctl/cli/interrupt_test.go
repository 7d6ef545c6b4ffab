package cli_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// underway starts a command and waits for its first line of progress.
type underway struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr *bufio.Reader
}

func start(t *testing.T, args ...string) *underway {
	t.Helper()
	u := &underway{t: t, cmd: fixtureIn(t, t.TempDir()).command(args...)}
	u.cmd.Stdout = &u.stdout
	pipe, err := u.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	u.stderr = bufio.NewReader(pipe)
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	u.line()
	return u
}

// line waits for the next line on stderr.
func (u *underway) line() string {
	u.t.Helper()
	s, err := u.stderr.ReadString('\n')
	if err != nil {
		u.t.Fatalf("waiting for a line on stderr: %v", err)
	}
	return s
}

func (u *underway) signal(s os.Signal) {
	u.t.Helper()
	if err := u.cmd.Process.Signal(s); err != nil {
		u.t.Fatal(err)
	}
}

func (u *underway) wait() result {
	u.t.Helper()
	for {
		if _, err := u.stderr.ReadString('\n'); err != nil {
			break
		}
	}
	return result{code: exitCode(u.t, u.cmd.Wait()), stdout: u.stdout.String()}
}

// An interrupted hunt finishes the runs under way and reports what it covered.
func TestInterruptedHunt(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		u := start(t, "hunt", "calm", "--seeds", "1-1000000000", "--json")
		u.signal(s)
		r := u.wait()
		doc := decode[huntDocument](t, r.stdout)
		if r.code != 130 || !doc.Interrupted || *doc.Ran == 0 || !strings.HasPrefix(doc.Covered, "1-") {
			t.Errorf("%v: exit %d\n%s", s, r.code, r.stdout)
		}
	}
}

// A single run is given up at the first signal, and so is a replay.
func TestInterruptedRun(t *testing.T) {
	for _, command := range []string{"run", "replay"} {
		u := start(t, command, "endless")
		u.signal(os.Interrupt)
		if r := u.wait(); r.code != 130 || r.stdout != "" {
			t.Errorf("%s: exit %d, want 130 and nothing on stdout: %q", command, r.code, r.stdout)
		}
	}
}

// The second signal ends a hunt at once, whatever its runs are doing.
func TestInterruptedTwice(t *testing.T) {
	u := start(t, "hunt", "calm", "--seeds", "1-1000000000", "--set", "asks=5000", "--set", "pause=1ns", "-j", "1")
	u.signal(os.Interrupt)
	if got := u.line(); !strings.Contains(got, "interrupted") {
		t.Errorf("after the first signal: %q", got)
	}
	u.signal(os.Interrupt)
	if r := u.wait(); r.code != 130 {
		t.Errorf("exit code after two signals: got %d, want 130", r.code)
	}
}
