package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Depot is the folder that the scanners of the depot pick manifests up from.
type Depot struct {
	dir  string
	next atomic.Int64
}

type Manifest struct {
	ID      string   `json:"id"`
	Route   string   `json:"route"`
	Shift   string   `json:"shift"`
	Sheets  []string `json:"sheets"`
	Parcels int      `json:"parcels"`
	WeightG int      `json:"weight_g"`
}

func OpenDepot(dir string) (*Depot, error) {
	return &Depot{dir: dir}, os.MkdirAll(dir, 0o755)
}

// Publish puts one sheet for every stop and then the manifest itself into a folder of the route.
func (d *Depot) Publish(route, shift string, stops []Stop) (*Manifest, error) {
	m := &Manifest{ID: fmt.Sprintf("%s-%06d", route, d.next.Add(1)), Route: route, Shift: shift}
	dir := filepath.Join(d.dir, m.ID)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	for _, stop := range stops {
		name := fmt.Sprintf("stop-%03d.json", stop.Seq)
		if err := writeSheet(filepath.Join(dir, name), stop); err != nil {
			return nil, err
		}
		m.Sheets = append(m.Sheets, name)
		for _, p := range stop.Parcels {
			m.Parcels++
			m.WeightG += p.WeightG
		}
	}
	return m, writeSheet(filepath.Join(dir, "manifest.json"), m)
}

// writeSheet replaces a file so that a scanner sees either all of it or nothing.
func writeSheet(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// Sweep drops folders that the scanners have had long enough.
func (d *Depot) Sweep(every time.Duration) {
	for range time.Tick(every) {
		entries, _ := os.ReadDir(d.dir)
		for _, e := range entries {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > time.Minute {
				os.RemoveAll(filepath.Join(d.dir, e.Name()))
			}
		}
	}
}
