import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** MongoDB's wire protocol over an H2 file, so that a restart finds the documents again. Arguments: port, folder. */
public final class MongoProtocol {
    private MongoProtocol() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path file = Path.of(arguments[1]).toAbsolutePath().resolve("documents.mv");
        MongoServer server = new MongoServer(new H2Backend(file.toString()));
        server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.shutdown();
            ended.countDown();
        }));
        ended.await();
    }
}
