package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mode is how a path stands, itself and not what a link leads to.
func (i *invocation) mode(name string) fs.FileMode {
	i.t.Helper()
	info, err := os.Lstat(filepath.Join(i.dir, name))
	if err != nil {
		i.t.Fatal(err)
	}
	return info.Mode()
}

// do fails the test unless a step of its preparation works.
func (i *invocation) do(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

// A new plan has the mode that the umask gives; one that is there keeps its own.
func TestOutKeepsModes(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	in := fixtureIn(t, t.TempDir())
	in.run("run", "calm", "--out", "new.yaml")
	if got := in.mode("new.yaml"); got != 0o640 {
		t.Errorf("a new file: mode %v, want 0640", got)
	}
	in.do(os.WriteFile(filepath.Join(in.dir, "old.yaml"), nil, 0o600))
	in.do(os.Chmod(filepath.Join(in.dir, "old.yaml"), 0o606))
	in.run("run", "calm", "--out", "old.yaml")
	if got := in.mode("old.yaml"); got != 0o606 || in.read("old.yaml") != in.read("new.yaml") {
		t.Errorf("an old file: mode %v, want 0606 and the plan in\n%s", got, in.read("old.yaml"))
	}
	in.run("hunt", "broken", "--seeds", "7", "--out", "found/")
	if dir, file := in.mode("found"), in.mode("found/broken-7.yaml"); dir != fs.ModeDir|0o750 || file != 0o640 {
		t.Errorf("a hunt made %v and %v, want 0750 and 0640", dir, file)
	}
}

// A file that its mode protects is not replaced, not even for root.
func TestOutRefusesReadOnlyFiles(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.do(os.WriteFile(filepath.Join(in.dir, "kept.yaml"), []byte("keep me"), 0o400))
	refuses(t, in.run("run", "calm", "--out", "kept.yaml"), "kept.yaml is read-only (mode 0400)")
	in.do(os.Mkdir(filepath.Join(in.dir, "found"), 0o755))
	in.do(os.WriteFile(filepath.Join(in.dir, "found", "broken-7.yaml"), []byte("keep me"), 0o400))
	r := in.run("hunt", "broken", "--seeds", "1-20", "--out", "found")
	if r.code != 2 || !strings.Contains(r.stderr, "found/broken-7.yaml is read-only") || !strings.Contains(r.stdout, "\nsimctl replay broken --seed 7\n") {
		t.Errorf("hunt: exit %d, want 2 and the report all the same\n%s%s", r.code, r.stdout, r.stderr)
	}
	for _, name := range []string{"kept.yaml", "found/broken-7.yaml"} {
		if in.mode(name) != 0o400 || in.read(name) != "keep me" {
			t.Errorf("%s was changed: %v\n%s", name, in.mode(name), in.read(name))
		}
	}
}

// Symbolic links stay, and what they lead to is written, there or not yet.
func TestOutFollowsLinks(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.do(os.MkdirAll(filepath.Join(in.dir, "deep", "er"), 0o755))
	in.write("deep/target.yaml", "old")
	for link, to := range map[string]string{
		"there.yaml": "deep/target.yaml", "missing.yaml": "deep/new.yaml", "twice.yaml": "there.yaml",
		"folder": "deep/er", "deep/er/up.yaml": "../up.yaml", "loop.yaml": "loop.yaml", "nowhere": "not/there",
	} {
		in.do(os.Symlink(to, filepath.Join(in.dir, link)))
	}
	for link, target := range map[string]string{
		"there.yaml": "deep/target.yaml", "missing.yaml": "deep/new.yaml", "twice.yaml": "deep/target.yaml", "folder/up.yaml": "deep/up.yaml",
	} {
		r := in.run("run", "calm", "--out", link)
		if r.code != 0 || in.mode(link)&fs.ModeSymlink == 0 || !in.mode(target).IsRegular() || !strings.HasPrefix(in.read(target), "version: 1") {
			t.Errorf("--out %s: exit %d, the link is %v and %s\n%s%s", link, r.code, in.mode(link), target, in.read(target), r.stderr)
		}
	}
	refuses(t, in.run("run", "calm", "--out", "loop.yaml"), "cannot write loop.yaml: too many")
	refuses(t, in.run("run", "calm", "--out", "nowhere"), "cannot write nowhere: no such file")
	refuses(t, in.run("hunt", "broken", "--out", "nowhere"), "nowhere is a symbolic link to a directory that is not there")
}

// A named pipe stays one: its reader gets the plan.
func TestOutIntoAPipe(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.do(syscall.Mkfifo(filepath.Join(in.dir, "pipe"), 0o600))
	plan := make(chan string)
	go func() { plan <- in.read("pipe") }()
	r := in.run("run", "calm", "--seed", "3", "--out", "pipe")
	if got := <-plan; r.code != 0 || !strings.HasPrefix(got, "version: 1") || in.mode("pipe")&fs.ModeNamedPipe == 0 {
		t.Errorf("exit %d, the reader got %q and the pipe is %v", r.code, got, in.mode("pipe"))
	}
	if !strings.Contains(r.stdout, "simctl replay calm --seed 3\n") {
		t.Errorf("nobody can replay from a pipe:\n%s", r.stdout)
	}
	refuses(t, in.run("hunt", "broken", "--out", "pipe"), "pipe is not a directory")
}

// Standard output and error can take the plan, whatever they are; with --json, stdout
// is taken.
func TestOutIsStdout(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	for _, name := range []string{"/dev/stdout", "/proc/self/fd/1"} {
		if r := in.run("run", "calm", "--out", name); r.code != 0 || !strings.HasPrefix(r.stdout, "version: 1") || !strings.Contains(r.stdout, "calm, seed 1: holds") {
			t.Errorf("--out %s: exit %d\n%s%s", name, r.code, r.stdout, r.stderr)
		}
	}
	if r := in.run("run", "calm", "--out", "/dev/stderr"); r.code != 0 || !strings.HasPrefix(r.stderr, "version: 1") {
		t.Errorf("--out /dev/stderr: exit %d\n%s", r.code, r.stderr)
	}
	refuses(t, in.run("run", "calm", "--json", "--out", "/dev/stdout"), "is where the document of --json goes")

	file, err := os.Create(filepath.Join(in.dir, "report"))
	in.do(err)
	defer file.Close()
	cmd := in.command("run", "calm", "--out", "/dev/stdout")
	cmd.Stdout = file
	in.do(cmd.Run())
	if got := in.read("report"); !strings.HasPrefix(got, "version: 1") || !strings.Contains(got, "calm, seed 1: holds") {
		t.Errorf("stdout is a file, and has\n%s", got)
	}
}

// A device stays one. These are made in a folder of the test's own: one that takes
// everything, one that is full, and a disk with no driver.
func TestOutOnDevices(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	for name, dev := range map[string]struct {
		mode uint32
		n    int
	}{"void": {syscall.S_IFCHR, 1<<8 | 3}, "full": {syscall.S_IFCHR, 1<<8 | 7}, "disk": {syscall.S_IFBLK, 240 << 8}} {
		if err := syscall.Mknod(filepath.Join(in.dir, name), dev.mode|0o600, dev.n); err != nil {
			t.Skip("no devices can be made here:", err)
		}
	}
	if f, err := os.OpenFile(filepath.Join(in.dir, "void"), os.O_WRONLY, 0); err != nil {
		t.Skip("no devices can be opened here:", err)
	} else {
		f.Close()
	}
	if r := in.run("run", "calm", "--out", "void"); r.code != 0 {
		t.Errorf("void: exit %d\n%s", r.code, r.stderr)
	}
	refuses(t, in.run("run", "calm", "--out", "full"), "cannot write full: no space left")
	refuses(t, in.run("run", "calm", "--out", "disk"), "disk is a disk")
	for _, name := range []string{"void", "full", "disk"} {
		if in.mode(name)&fs.ModeDevice == 0 {
			t.Errorf("%s was replaced: %v", name, in.mode(name))
		}
	}
}
