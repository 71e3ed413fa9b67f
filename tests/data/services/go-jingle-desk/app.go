// The jingle desk of a radio station: rundowns of shows, the clips in them, and how each clip looks on the desk.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/julienschmidt/httprouter"
)

// ClipID is handed out by the archive: milliseconds since its epoch, the archive's node and a sequence within the
// millisecond.
type ClipID int64

func clipID(at time.Time, node, sequence int64) ClipID {
	epoch := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	return ClipID(at.Sub(epoch).Milliseconds()<<22 | node<<12 | sequence)
}

type Clip struct {
	ID     ClipID
	Title  string
	Millis int
	audio  []byte // 16 bit mono samples, deflated
}

type Slot struct {
	At   int
	Clip ClipID
}

type Rundown struct {
	Show  string
	Slots []Slot
}

var errNoClip = errors.New("no such clip")

type Archive struct {
	clips    map[ClipID]*Clip
	rundowns map[string]*Rundown
}

const rate = 8000

func (a *Archive) open(id ClipID) ([]int16, error) {
	clip, ok := a.clips[id]
	if !ok {
		return nil, errNoClip
	}
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(clip.audio)))
	if err != nil {
		return nil, fmt.Errorf("clip %d: %w", id, err)
	}
	samples := make([]int16, len(raw)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return samples, nil
}

// drawEnvelope reduces a clip to 120 columns.
func (a *Archive) drawEnvelope(id ClipID) (*Envelope, error) {
	samples, err := a.open(id)
	if err != nil {
		return nil, err
	}
	const columns = 120
	env := &Envelope{Peaks: make([]int16, columns), CutIn: -1}
	var energy float64
	for i, s := range samples {
		if s < 0 {
			s = -s
		}
		if col := i * columns / len(samples); s > env.Peaks[col] {
			env.Peaks[col] = s
		}
		if s > 900 {
			if env.CutIn < 0 {
				env.CutIn = i * 1000 / rate
			}
			env.CutOut = i * 1000 / rate
		}
		energy += float64(s) * float64(s)
	}
	env.Loudness = math.Round(100*math.Log10(energy/float64(len(samples))+1)) / 10
	return env, nil
}

type Desk struct {
	archive   *Archive
	envelopes *Envelopes
}

type row struct {
	Clip     ClipID    `json:"clip"`
	Title    string    `json:"title"`
	Starts   string    `json:"starts"`
	Envelope *Envelope `json:"envelope"`
}

func clock(seconds int) string {
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

func (d *Desk) rundown(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	found, ok := d.archive.rundowns[p.ByName("show")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	rows := make([]row, 0, len(found.Slots))
	for _, slot := range found.Slots {
		env, err := d.envelopes.Of(slot.Clip)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		rows = append(rows, row{slot.Clip, d.archive.clips[slot.Clip].Title, clock(slot.At), env})
	}
	reply(w, map[string]any{"show": found.Show, "rows": rows})
}

func (d *Desk) clip(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	n, err := strconv.ParseInt(p.ByName("id"), 10, 64)
	if err != nil {
		http.Error(w, "not a clip's number", http.StatusBadRequest)
		return
	}
	env, err := d.envelopes.Of(ClipID(n))
	if errors.Is(err, errNoClip) {
		http.NotFound(w, r)
		return
	}
	reply(w, env)
}

func (d *Desk) redraw(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	n, err := strconv.ParseInt(p.ByName("id"), 10, 64)
	if err != nil {
		http.Error(w, "not a clip's number", http.StatusBadRequest)
		return
	}
	d.envelopes.Forget(ClipID(n))
	w.WriteHeader(http.StatusNoContent)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func record(rnd *rand.Rand, seconds float64) []byte {
	var out bytes.Buffer
	packed, _ := flate.NewWriter(&out, flate.BestSpeed)
	n := int(seconds * rate)
	pitch, buf := 90+rnd.Float64()*300, make([]byte, 2*n)
	for i := 0; i < n; i++ {
		t := float64(i) / rate
		v := math.Sin(2*math.Pi*pitch*t)*math.Sin(math.Pi*float64(i)/float64(n))*12000 + rnd.NormFloat64()*120
		binary.LittleEndian.PutUint16(buf[2*i:], uint16(int16(v)))
	}
	packed.Write(buf)
	packed.Close()
	return out.Bytes()
}

func loadArchive() *Archive {
	rnd := rand.New(rand.NewSource(11))
	a := &Archive{clips: map[ClipID]*Clip{}, rundowns: map[string]*Rundown{}}
	kinds := []string{"jingle", "bed", "promo", "sting", "weather", "traffic"}
	at := time.Date(2024, 9, 2, 5, 0, 0, 0, time.UTC)
	for _, show := range []string{"monday-breakfast", "monday-drive", "late-jazz"} {
		run := &Rundown{Show: show}
		for i := 0; i < 96; i++ {
			at = at.Add(time.Duration(3000+rnd.Intn(900000)) * time.Millisecond)
			seconds := 9 + rnd.Float64()*5
			clip := &Clip{ID: clipID(at, 3, 0), Title: fmt.Sprintf("%s %d", kinds[rnd.Intn(len(kinds))], i+1),
				Millis: int(seconds * 1000), audio: record(rnd, seconds)}
			a.clips[clip.ID] = clip
			run.Slots = append(run.Slots, Slot{At: 6*3600 + i*105, Clip: clip.ID})
		}
		a.rundowns[show] = run
	}
	return a
}

func main() {
	archive := loadArchive()
	envelopes, err := NewEnvelopes(512, archive.drawEnvelope)
	if err != nil {
		log.Fatal(err)
	}
	d := &Desk{archive: archive, envelopes: envelopes}
	r := httprouter.New()
	r.GET("/healthz", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) { fmt.Fprintln(w, "ok") })
	r.GET("/rundowns/:show", d.rundown)
	r.GET("/clips/:id", d.clip)
	r.DELETE("/clips/:id/envelope", d.redraw)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
