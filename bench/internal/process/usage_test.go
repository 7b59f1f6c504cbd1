package process_test

import (
	"os"
	"testing"

	"github.com/gatehouse-auth/gatehouse/bench/internal/process"
)

func TestUsageOfThisProcess(t *testing.T) {
	if _, err := process.CPU(os.Getpid()); err != nil {
		t.Error(err)
	}
	memory, err := process.RSS(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if memory.NowBytes < 1<<20 || memory.PeakBytes < memory.NowBytes {
		t.Errorf("now %d, peak %d bytes: want at least a mebibyte and a peak above it", memory.NowBytes, memory.PeakBytes)
	}
}

func TestUsageOfNoProcess(t *testing.T) {
	if _, err := process.CPU(-1); err == nil {
		t.Error("CPU of process -1: no error")
	}
	if _, err := process.RSS(-1); err == nil {
		t.Error("RSS of process -1: no error")
	}
}
