package zoo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Root is the root of the module that a folder belongs to; "" is the current folder.
func Root(ctx context.Context, dir string) (string, error) {
	if dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return "", fmt.Errorf("%s is no directory", dir)
		}
	}
	out, err := run(ctx, dir, "env", "GOMOD")
	if err != nil {
		return "", err
	}
	mod := strings.TrimSpace(string(out))
	if mod == "" || mod == os.DevNull {
		return "", errors.New("the zoo patches sources, and this folder belongs to no module; change into a checkout, or name one with --root DIR")
	}
	return filepath.Dir(mod), nil
}

// run runs the go command.
func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	apart(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the zoo builds patched simctls, and there is no go command in PATH; install Go (https://go.dev/dl) or set PATH")
	case err != nil:
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(problems.Bytes()))
	}
	return out.Bytes(), nil
}

// build makes the executable of a main package, over an overlay if there is one.
func build(ctx context.Context, root, main string, over *overlay, to string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-o", to}
	if over != nil {
		args = append(args, "-overlay", over.file)
	}
	_, err := run(ctx, root, append(args, main)...)
	return err
}

// Check applies a patch to the sources under root and compiles the packages that it
// changes.
func (p *Patch) Check(ctx context.Context, root string) error {
	dir, err := os.MkdirTemp("", "zoo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	over, err := p.apply(root, dir)
	if err != nil {
		return err
	}
	if _, err := run(ctx, root, append([]string{"build", "-o", os.DevNull, "-overlay", over.file}, over.packages...)...); err != nil {
		return fmt.Errorf("%s does not compile: %w", p.File, err)
	}
	return nil
}
