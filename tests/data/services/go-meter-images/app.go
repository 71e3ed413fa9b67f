// Software images for electricity meters: which image a meter should get, and the manifest that its loader checks.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/julienschmidt/httprouter"
)

type Image struct {
	Model   string
	Version string
	Data    []byte
}

type Block struct {
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
	Check  string `json:"check"`
}

type Manifest struct {
	Model   string  `json:"model"`
	Version string  `json:"version"`
	Size    int     `json:"size"`
	Block   int     `json:"block"`
	Check   string  `json:"check"`
	Blocks  []Block `json:"blocks"`
}

// register is the shift register of the meter's loader: 24 bits, as its boot ROM has it.
type register uint32

const (
	registerSeed register = 0xB704CE
	registerPoly register = 0x864CFB
)

func (r register) feed(data []byte) register {
	for _, b := range data {
		r ^= register(b) << 16
		for bit := 0; bit < 8; bit++ {
			r <<= 1
			if r&0x1000000 != 0 {
				r ^= registerPoly
			}
		}
	}
	return r & 0xFFFFFF
}

func (r register) String() string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(r))
	return hex.EncodeToString(b[1:])
}

// manifest describes an image block by block, with the running check of the whole.
func manifest(img *Image, size int) Manifest {
	m := Manifest{Model: img.Model, Version: img.Version, Size: len(img.Data), Block: size}
	whole := registerSeed
	for off := 0; off < len(img.Data); off += size {
		part := img.Data[off:min(off+size, len(img.Data))]
		m.Blocks = append(m.Blocks, Block{Offset: off, Size: len(part), Check: registerSeed.feed(part).String()})
		whole = whole.feed(part)
	}
	m.Check = whole.String()
	return m
}

// Store keeps the released images of each model, the newest last.
type Store struct {
	mu     sync.RWMutex
	images map[string][]*Image
}

func (s *Store) Release(img *Image) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append(s.images[img.Model], img)
	sort.Slice(list, func(i, j int) bool { return older(list[i].Version, list[j].Version) })
	s.images[img.Model] = list
}

func (s *Store) Find(model, version string) *Image {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := s.images[model]
	if version == "latest" && len(list) > 0 {
		return list[len(list)-1]
	}
	for _, img := range list {
		if img.Version == version {
			return img
		}
	}
	return nil
}

func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(as) && i < len(bs); i++ {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}

func (s *Store) withImage(next func(http.ResponseWriter, *http.Request, *Image)) httprouter.Handle {
	return func(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
		img := s.Find(p.ByName("model"), p.ByName("version"))
		if img == nil {
			http.Error(w, "no such image", http.StatusNotFound)
			return
		}
		next(w, r, img)
	}
}

func handleManifest(w http.ResponseWriter, r *http.Request, img *Image) {
	size, err := strconv.Atoi(r.URL.Query().Get("block"))
	if err != nil || size < 256 || size > 65536 {
		size = 4096
	}
	reply(w, manifest(img, size))
}

func handleBlock(w http.ResponseWriter, r *http.Request, img *Image) {
	off, err := strconv.Atoi(r.URL.Query().Get("offset"))
	if err != nil || off < 0 || off >= len(img.Data) {
		http.Error(w, "no such block", http.StatusRequestedRangeNotSatisfiable)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(img.Data[off:min(off+4096, len(img.Data))])
}

func (s *Store) handleUpload(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	s.Release(&Image{Model: p.ByName("model"), Version: p.ByName("version"), Data: data})
	w.WriteHeader(http.StatusCreated)
}

func (s *Store) handleVersions(w http.ResponseWriter, _ *http.Request, p httprouter.Params) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	versions := []string{}
	for _, img := range s.images[p.ByName("model")] {
		versions = append(versions, img.Version)
	}
	reply(w, versions)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func main() {
	store := &Store{images: make(map[string][]*Image)}
	rnd := rand.New(rand.NewSource(5))
	for _, model := range []string{"em-110", "em-340"} {
		for minor := 0; minor < 4; minor++ {
			img := &Image{Model: model, Version: fmt.Sprintf("2.%d.0", minor+8), Data: make([]byte, 1<<20+minor*48<<10)}
			rnd.Read(img.Data)
			store.Release(img)
		}
	}
	router := httprouter.New()
	router.GET("/up", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) { fmt.Fprintln(w, "up") })
	router.GET("/models/:model/versions", store.handleVersions)
	router.PUT("/models/:model/versions/:version", store.handleUpload)
	router.GET("/models/:model/versions/:version/manifest", store.withImage(handleManifest))
	router.GET("/models/:model/versions/:version/block", store.withImage(handleBlock))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router))
}
