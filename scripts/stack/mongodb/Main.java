import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

/** Arguments: the loopback port, and the file that keeps the data. */
public class Main {
    /** The npm driver refuses a wire version below 9 and the library's newest says 8, so report MongoDB 6.0's. */
    record Version(List<Integer> parts, int wire) implements MongoVersion {
        public List<Integer> getVersionArray() { return parts; }
        public int getWireVersion() { return wire; }
    }

    public static void main(String[] arguments) throws Exception {
        H2Backend backend = new H2Backend(arguments[1]);
        backend.version(new Version(List.of(6, 0, 0), 17));
        MongoServer server = new MongoServer(backend);
        // SIGTERM runs this: it closes the file, so that everything written is found again.
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Thread.currentThread().join();
    }
}
