package main

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync/atomic"
	"time"
)

type entry struct {
	At    time.Time `json:"at"`
	Seq   int       `json:"seq"`
	Block string    `json:"block"`
	Bin   Bin       `json:"bin"`
}

// Trace keeps a folder for each trailer load with a card for each bin, as the food inspectors want it.
type Trace struct {
	dir  string
	last atomic.Int64
}

func NewTrace(dir string) (*Trace, error) {
	t := &Trace{dir: dir}
	t.last.Store(time.Now().Unix() % 1e6 * 1000)
	return t, os.MkdirAll(dir, 0o755)
}

type loadBook struct {
	folder *os.File
	name   string
}

func (t *Trace) Open(block string) (*loadBook, error) {
	name := fmt.Sprintf("%s-%d", strings.ToLower(block), t.last.Add(1))
	path := filepath.Join(t.dir, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		return nil, err
	}
	folder, err := os.Open(path)
	return &loadBook{folder: folder, name: name}, err
}

func (b *loadBook) Name() string { return b.name }

// Put writes a bin's card: a checksum, then the entry.
func (b *loadBook) Put(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	card := filepath.Join(b.folder.Name(), e.Bin.Tag+".card")
	return replaceFile(card, fmt.Sprintf("%08x %s\n", crc32.ChecksumIEEE(line), line))
}

func (b *loadBook) Close() error { return b.folder.Close() }

// replaceFile leaves either the old or the new content, whatever happens.
func replaceFile(path, content string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".card-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.WriteString(content); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (t *Trace) Read(name string) ([]entry, error) {
	cards, err := filepath.Glob(filepath.Join(t.dir, filepath.Base(name), "*.card"))
	if err != nil {
		return nil, err
	}
	if len(cards) == 0 {
		return nil, os.ErrNotExist
	}
	list := make([]entry, 0, len(cards))
	for _, path := range cards {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum, line, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
		var e entry
		if fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(line))) != sum || json.Unmarshal([]byte(line), &e) != nil {
			continue
		}
		list = append(list, e)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Seq < list[j].Seq })
	return list, nil
}
