// Campsites: free pitches, and offers with the deposit that the insurer asks for.
package main

import (
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
)

type handlers struct {
	store  *Store
	insure *Insurer
}

func stayDates(c *gin.Context) (from, to time.Time, ok bool) {
	from, err := time.Parse(time.DateOnly, c.Query("from"))
	if err == nil {
		to, err = time.Parse(time.DateOnly, c.Query("to"))
	}
	if err != nil || !to.After(from) {
		c.JSON(http.StatusBadRequest, gin.H{"error": "from and to must be dates"})
		return from, to, false
	}
	return from, to, true
}

func (h *handlers) sites(c *gin.Context) {
	sites, err := h.store.Sites(c.Request.Context(), c.Query("town"))
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, sites)
}

func (h *handlers) offer(c *gin.Context) {
	from, to, ok := stayDates(c)
	if !ok {
		return
	}
	ctx := c.Request.Context()
	view, err := h.store.Snapshot(ctx)
	if err != nil {
		fail(c, err)
		return
	}
	defer view.Close()
	site, err := view.Site(ctx, c.Param("site"))
	if err != nil {
		fail(c, err)
		return
	}
	pitches, err := view.FreePitches(ctx, site.ID, from, to, 5)
	if err != nil {
		fail(c, err)
		return
	}
	nights := int(to.Sub(from).Hours() / 24)
	offers := make([]Offer, 0, len(pitches))
	for _, p := range pitches {
		offers = append(offers, Offer{Pitch: p.Code, Kind: p.Kind, Total: p.NightCents * nights})
	}
	premium, err := h.insure.Premium(ctx, site.Town, nights)
	if err != nil {
		fail(c, err)
		return
	}
	for i := range offers {
		offers[i].Deposit = site.DepositCents + premium
	}
	c.JSON(http.StatusOK, gin.H{"site": site.Name, "nights": nights, "offers": offers})
}

func (h *handlers) occupancy(c *gin.Context) {
	share, err := h.store.Occupancy(c.Request.Context(), c.Param("site"), c.Query("on"))
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"taken": share})
}

func fail(c *gin.Context, err error) {
	if err == ErrNotFound {
		c.JSON(http.StatusNotFound, gin.H{"error": err.Error()})
		return
	}
	log.Print(err)
	c.JSON(http.StatusInternalServerError, gin.H{"error": "internal"})
}

func main() {
	store, err := OpenStore(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	h := &handlers{store: store, insure: NewInsurer("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"))}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	r.GET("/sites", h.sites)
	r.GET("/sites/:site/offers", h.offer)
	r.GET("/sites/:site/occupancy", h.occupancy)
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
