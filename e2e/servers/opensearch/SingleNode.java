import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/**
 * One OpenSearch node inside this process, with the stock modules and without a distribution around it.
 * Compiles against 2.x and 3.x: the former wants the modules' classes, the latter their descriptions, and calls
 * most of them XModulePlugin instead of XPlugin.
 *
 * <p>Arguments: HTTP port, folder.
 */
public final class SingleNode extends Node {
    private static final List<String> MODULES = List.of(
        "transport.Netty4",
        "analysis.common.CommonAnalysis",
        "painless.Painless",
        "script.mustache.Mustache",
        "script.expression.Expression",
        "index.mapper.MapperExtras",
        "index.reindex.Reindex",
        "join.ParentJoin",
        "percolator.Percolator",
        "index.rankeval.RankEval",
        "search.aggregations.matrix.MatrixAggregation",
        "ingest.common.IngestCommon",
        "geo.GeoModule");

    @SuppressWarnings({"unchecked", "rawtypes"})
    private SingleNode(Environment environment, Collection modules) {
        super(environment, modules, true);
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]).toAbsolutePath();
        Settings settings = Settings.builder()
            .put("cluster.name", "strata-test")
            .put("node.name", "node-1")
            .put("path.home", folder.toString())
            .put("path.data", folder.resolve("data").toString())
            .put("path.logs", folder.resolve("logs").toString())
            .putList("path.repo", folder.resolve("repo").toString())
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[0])
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), folder.resolve("config"), () -> "node-1");
        Node node = new SingleNode(environment, modules());
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception problem) {
                problem.printStackTrace();
            }
            ended.countDown();
        }));
        node.start();
        ended.await();
    }

    private static List<Object> modules() throws Exception {
        boolean described = Version.CURRENT.major >= 3;
        List<Object> found = new ArrayList<>();
        for (String name : MODULES) {
            Class<?> module = moduleClass("org.opensearch." + name);
            found.add(described ? description(module.getName()) : module);
        }
        return found;
    }

    private static Class<?> moduleClass(String name) throws ClassNotFoundException {
        try {
            return Class.forName(name + "ModulePlugin");
        } catch (ClassNotFoundException older) {
            return Class.forName(name + "Plugin");
        }
    }

    private static PluginInfo description(String name) {
        return new PluginInfo(name, "module", "NA", Version.CURRENT, "21", name, null, List.of(), false);
    }
}
