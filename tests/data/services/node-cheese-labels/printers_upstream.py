"""The label printers of the packing hall: each is a raw device (a pipe) that takes a raster as fast as its head moves."""
import os, socket, tempfile, threading, time

FOLDER = os.path.join(tempfile.gettempdir(), f"printers-{os.environ['UPSTREAM_PORT']}")
os.makedirs(FOLDER, exist_ok=True)

def printer(path):
    while True:
        fd = os.open(path, os.O_RDONLY)
        while os.read(fd, 8192):
            time.sleep(0.0028)
        os.close(fd)

for n in range(1, 17):
    path = os.path.join(FOLDER, f"lp{n}")
    if not os.path.exists(path):
        os.mkfifo(path)
    threading.Thread(target=printer, args=(path,), daemon=True).start()

panel = socket.create_server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])))
while True:
    connection, _ = panel.accept()
    connection.close()
