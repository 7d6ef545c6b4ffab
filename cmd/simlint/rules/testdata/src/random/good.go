package random

import (
	_ "crypto/sha256"
	_ "hash/fnv"
	_ "math/bits"
)
