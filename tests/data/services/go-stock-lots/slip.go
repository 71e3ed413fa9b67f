package main

import (
	"bytes"
	"hash/adler32"
	"strconv"
)

const pageBytes = 40 << 10

// Slip is the paper that goes with a picker, as the label printer takes it.
type Slip struct {
	page bytes.Buffer
	rows int
}

func newSlip(title string) *Slip {
	s := &Slip{}
	s.page.Grow(pageBytes)
	s.page.WriteString("^XA^FO20,20^FD" + title + "^FS\n")
	return s
}

func (s *Slip) row(place string, pieces int) {
	s.rows++
	s.page.WriteString("^FO20," + strconv.Itoa(40+18*s.rows) + "^FD" + place + " x" + strconv.Itoa(pieces) + "^FS\n")
}

func (s *Slip) check() string {
	s.page.WriteString("^XZ\n")
	return strconv.FormatUint(uint64(adler32.Checksum(s.page.Bytes())), 36)
}
