package global

import "errors"

var errStopped = errors.New("stopped")

var names = []string{"follower", "candidate", "leader"}

var fixed config

var _ interface{ grow() } = (*config)(nil)

type state struct{ count int }

func good(s *state) (int, error) {
	count := 1
	count++
	s.count = count
	local := fixed
	local.grow()
	_ = names[fixed.size()]
	return count, errStopped
}

func (s *state) init() {}
