package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc: USER_HZ, 100 on every Linux that Go
// runs on.
const tick = time.Second / 100

// CPU is the processor time, user and system, that process pid and its threads
// have used (proc(5), /proc/pid/stat, fields 14 and 15).
func CPU(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return parseCPU(string(stat))
}

func parseCPU(stat string) (time.Duration, error) {
	// The command name, field 2, is in brackets and may contain anything.
	end := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[end+1:])
	if end < 0 || len(fields) < 13 {
		return 0, errors.New("read CPU time: unexpected form of /proc/pid/stat")
	}
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(errUser, errSystem); err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return time.Duration(user+system) * tick, nil
}

// Memory is a process's resident memory in bytes.
type Memory struct{ NowBytes, PeakBytes int64 }

// RSS is the resident memory of process pid (proc(5), /proc/pid/status).
func RSS(pid int) (Memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, fmt.Errorf("read memory: %w", err)
	}
	return parseRSS(string(status))
}

func parseRSS(status string) (Memory, error) {
	var m Memory
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		var to *int64
		switch name {
		case "VmRSS":
			to = &m.NowBytes
		case "VmHWM":
			to = &m.PeakBytes
		default:
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return Memory{}, fmt.Errorf("read memory: %w", err)
		}
		*to = kib << 10
	}
	return m, nil
}
