// Vessel tracks: positions that ships reported, and the legs between their stops.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/gin-gonic/gin"
)

type Position struct {
	Vessel *Vessel
	Lat    float64
	Lon    float64
	Knots  float64
	Minute int
	Next   *Position
}

type Vessel struct {
	Name  string
	First *Position
}

type Leg struct {
	From, To *Position
	Miles    float64
	Label    *string
}

type Fleet struct {
	vessels map[string]*Vessel
	byArea  map[string][]*Position
}

func loadFleet(vessels, positions int) *Fleet {
	f := &Fleet{vessels: make(map[string]*Vessel), byArea: make(map[string][]*Position)}
	for i := 0; i < vessels; i++ {
		v := &Vessel{Name: "MV-" + strconv.Itoa(1000+i)}
		f.vessels[v.Name] = v
		for j := positions - 1; j >= 0; j-- {
			p := &Position{Vessel: v, Lat: 54 + math.Sin(float64(i+j)/90), Lon: 7 + float64(j)/800, Knots: float64((i * j) % 17), Minute: j * 6, Next: v.First}
			v.First = p
			area := strconv.Itoa(i%40) + "/" + strconv.Itoa(j/50)
			f.byArea[area] = append(f.byArea[area], p)
		}
	}
	return f
}

func miles(a, b *Position) float64 {
	dLat, dLon := (a.Lat-b.Lat)*60, (a.Lon-b.Lon)*60*0.58
	return math.Sqrt(dLat*dLat + dLon*dLon)
}

func legs(v *Vessel) []*Leg {
	var out []*Leg
	for p := v.First; p != nil && p.Next != nil; p = p.Next {
		label := strconv.Itoa(p.Minute) + "-" + strconv.Itoa(p.Next.Minute)
		out = append(out, &Leg{From: p, To: p.Next, Miles: miles(p, p.Next), Label: &label})
	}
	return out
}

type summary struct {
	Vessel  string    `json:"vessel"`
	Legs    int       `json:"legs"`
	Miles   float64   `json:"miles"`
	Longest string    `json:"longest"`
	Hourly  []float64 `json:"hourly"`
}

func summarize(v *Vessel) summary {
	s := summary{Vessel: v.Name, Hourly: make([]float64, 0, 32)}
	best := 0.0
	for i, l := range legs(v) {
		s.Legs++
		s.Miles += l.Miles
		if l.Miles > best {
			best, s.Longest = l.Miles, *l.Label
		}
		if i%10 == 0 && len(s.Hourly) < 24 {
			s.Hourly = append(s.Hourly, l.Miles*10)
		}
	}
	return s
}

func (f *Fleet) getTrack(c *gin.Context) {
	v, ok := f.vessels[c.Param("vessel")]
	if !ok {
		c.JSON(http.StatusNotFound, gin.H{"error": "no such vessel"})
		return
	}
	body, err := json.Marshal(summarize(v))
	if err != nil {
		c.AbortWithError(http.StatusInternalServerError, err)
		return
	}
	c.Data(http.StatusOK, "application/json", body)
}

func setting(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	f := loadFleet(100, 15000)
	if share, err := strconv.Atoi(setting("HEAP_HEADROOM", "3")); err == nil {
		debug.SetGCPercent(share)
	}
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	r.GET("/vessels/:vessel/track", f.getTrack)
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%s", os.Getenv("PORT")), r))
}
