package io.pgseam.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Every setting of Debezium's PostgreSQL connector 3.7 with its verdict, so that none of them passes unseen when a connector is
 * switched over. A test compares the names with those of Debezium's own classes; {@code docs/debezium-settings.md} is made
 * from this list.
 */
final class DebeziumSettings {

    private static final List<DebeziumSetting> ALL = new SettingVerdicts()
            // Connection
            .same("database.hostname", "database.port", "database.user", "database.password", "database.dbname")
            .same("database.sslmode", "database.sslcert", "database.sslkey", "database.sslpassword")
            .same("database.sslrootcert")
            .noEffect("A PostgreSQL connector has one database, which `database.dbname` names.")
            .named("database.include.list", "database.exclude.list")
            .noEffect("TCP keepalive is always on.")
            .named("database.tcpKeepAlive")
            .noEffect(
                    "Statements of a copy may take long and have no time limit; vanished servers are noticed otherwise.")
            .named("database.query.timeout.ms", "connection.validation.timeout.ms")
            .differs("Only `org.postgresql.ssl.DefaultJavaSSLFactory`, and the driver's default, can be set.")
            .named("database.sslfactory")
            .differsFor(
                    "driver\\..+",
                    "Properties of the driver that say how to log in and to connect are passed on; others are refused: see"
                            + " `docs/getting-started.md`.")
            .named("driver.NAME")
            .refused(
                    "Without its statements the connector would act with other rights or settings. Set them on the role"
                            + " instead: ALTER ROLE … SET ….")
            .named("database.initial.statements")
            .noEffectFor(
                    Set.of("pgoutput", "decoderbufs"),
                    "The stream is always decoded by pgoutput, which needs a publication: see"
                            + " `publication.autocreate.mode`.")
            .named("plugin.name")
            .noEffect("Nothing is written to the source but the slot and the publication.")
            .named("read.only")
            .noEffect("No setting's value is ever logged.")
            .named("custom.sanitize.pattern")
            // Capture
            .same("table.include.list", "table.exclude.list", "schema.include.list", "schema.exclude.list")
            .differs(
                    "Key columns are always captured. With `output.format=debezium`, those that are left out are in the key only;"
                            + " with `flat` they are in the value, too.")
            .named("column.include.list", "column.exclude.list")
            .differs("Columns are names, not expressions. The replica identity has to have them.")
            .named("message.key.columns")
            .refusedUnless(Set.of("true"), "Tables of the system are never captured.")
            .named("table.ignore.builtin")
            .warnsUnless(Set.of("0"), "The number of captured tables is not limited by this setting.")
            .named("guardrail.collections.max")
            .refusedUnless(Set.of("warn"), "The number of captured tables is not limited by this setting.")
            .named("guardrail.collections.limit.action")
            // Masking
            .differsFor(
                    "column\\.mask\\.hash\\.(v2\\.)?[^.]+\\.with\\.salt\\..+",
                    "The hash is the same. It holds for every type of strings; a column of another type, or of the key, is"
                            + " refused: see `docs/masking.md`.")
            .named("column.mask.hash.ALGORITHM.with.salt.SALT")
            .differsFor(
                    "column\\.mask\\.with\\.\\d+\\.chars",
                    "It holds for every type of strings; a column of another type, or of the key, is refused: see"
                            + " `docs/masking.md`.")
            .named("column.mask.with.LENGTH.chars")
            .differsFor(
                    "column\\.truncate\\.to\\.\\d+\\.chars",
                    "It holds for every type of strings; a column of another type, or of the key, is refused: see"
                            + " `docs/masking.md`.")
            .named("column.truncate.to.LENGTH.chars")
            // Schemas
            .warns("Schemas of fields do not have the parameters `__debezium.source.column.*`.")
            .named("column.propagate.source.type", "datatype.propagate.source.type")
            .noEffect("Changes of a table's schema are records on the control topic.")
            .named("include.schema.changes")
            .warnsUnless(Set.of("false"), "Schemas have no comments.")
            .named("include.schema.comments")
            .same("schema.name.adjustment.mode", "field.name.adjustment.mode")
            .noEffect("Schemas follow the messages of the replication stream.")
            .named("schema.refresh.mode")
            .refusedUnless(
                    Set.of("io.debezium.connector.postgresql.postgressourceinfostructmaker"),
                    "The source block has Debezium's form; no other class can make it.")
            .named("sourceinfo.struct.maker")
            .noEffect("How schemas are kept in memory is not a setting.")
            .named("memory.management.schemas.class", "memory.management.tables.class")
            // Values
            .same("binary.handling.mode", "decimal.handling.mode", "time.precision.mode", "interval.handling.mode")
            .same("hstore.handling.mode", "money.fraction.digits", "include.unknown.datatypes")
            .same("unavailable.value.placeholder")
            .differs("The default is `fail` and not `warn`, which leaves the field out without telling consumers.")
            .named("event.converting.failure.handling.mode")
            .warnsUnless(Set.of("fail"), "A change that cannot be processed always stops the task; none is left out.")
            .named("event.processing.failure.handling.mode")
            .refused("Values and their schemas would have another form. Transformations can convert values.")
            .named("converters")
            .refused("To have large values that an update did not change, set toast.unchanged=complete.")
            .named("post.processors")
            // Records
            .differs("The default depends on `output.format`: `true` with `debezium`, `false` with `flat`.")
            .named("tombstones.on.delete")
            .same("skipped.operations")
            .same("skip.messages.without.change")
            .differs(
                    "With `output.format=debezium` only. A transaction of which nothing is sent has no records of its beginning and end.")
            .named("provide.transaction.metadata")
            .same("topic.transaction")
            .refusedUnless(
                    Set.of("io.debezium.pipeline.txmetadata.defaulttransactionmetadatafactory"),
                    "Transactions are reported in Debezium's own form; no other class can make it.")
            .named("transaction.metadata.factory")
            .noEffect("Records do not have the headers `__debezium.context.*`.")
            .named("extended.headers.enabled")
            .warnsUnless(Set.of("0"), "`source.xmin` is always null.")
            .named("xmin.fetch.interval.ms")
            .differs(
                    "With `output.format=flat`, messages are sent only if one of the lists is set. Signals are never sent.")
            .named("message.prefix.include.list", "message.prefix.exclude.list")
            // Topics
            .same("topic.prefix")
            .refusedUnless(
                    Set.of("io.debezium.schema.schematopicnamingstrategy"),
                    "Records would go to other topics. Name topics by topic.naming and topic.mapping.")
            .named("topic.naming.strategy")
            // Heartbeats
            .differs("The default is 10000 and not 0. Heartbeats are records on the control topic.")
            .named("heartbeat.interval.ms")
            .differs(
                    "It is run by the connector and not by its task, also while the stream waits. A failure of it stops nothing. The"
                            + " slot moves on without it.")
            .named("heartbeat.action.query")
            .warnsUnless(Set.of("__debezium-heartbeat"), "Heartbeats are records on the control topic.")
            .named("heartbeat.topics.prefix", "topic.heartbeat.prefix")
            // Replication
            .differs("The default is `pgseam_` and `topic.prefix`. A slot that Debezium made is taken over only with"
                    + " `stream.begin.lsn`: see `docs/debezium.md`.")
            .named("slot.name")
            .refusedUnless(
                    Set.of("false"),
                    "The slot stays when the connector stops, and retains WAL. DELETE /connectors/<name>/offsets of the"
                            + " stopped connector drops it.")
            .named("slot.drop.on.stop")
            .differs("It is refused with servers before PostgreSQL 17, where Debezium makes an ordinary slot.")
            .named("slot.failover")
            .refused("Options of the replication stream cannot be set.")
            .named("slot.stream.params")
            .noEffect("The connector waits for its slot, and for its server, as long as it takes.")
            .named("slot.max.retries", "slot.retry.delay.ms")
            .dangerousUnless(
                    Set.of("no_validation", "trust_offset"),
                    "To trust the slot, or the greater of two LSNs, loses changes without a word. The committed offset"
                            + " decides; if the slot does not fit it, the connector stops and says what to do.")
            .named("offset.mismatch.strategy")
            .dangerousUnless(
                    Set.of("connector", "connector_and_driver"),
                    "The connector confirms WAL to the slot itself. A consumer that needs it longer needs a slot of its"
                            + " own.")
            .named("lsn.flush.mode")
            .dangerousUnless(
                    Set.of("true"),
                    "The connector confirms WAL to the slot itself. A consumer that needs it longer"
                            + " needs a slot of its own.")
            .named("flush.lsn.source")
            .noEffect("WAL is confirmed when the offsets are committed.")
            .named("lsn.flush.timeout.ms", "lsn.flush.timeout.action")
            .same("status.update.interval.ms")
            .differs("The default is `pgseam_` and `topic.prefix`.")
            .named("publication.name")
            .differs("The default is `filtered` and not `all_tables`.")
            .named("publication.autocreate.mode")
            .same("publish.via.partition.root")
            .refused(
                    "The connector alters no table. Run ALTER TABLE … REPLICA IDENTITY … yourself, then remove the setting.")
            .named("replica.identity.autoset.values")
            // Snapshot
            .differs("`initial`, `initial_only` and `no_data` are the same; other modes are refused.")
            .named("snapshot.mode")
            .refused("Custom snapshot modes are not supported.")
            .named("snapshot.mode.custom.name")
            .refused("Set snapshot.mode to initial, initial_only or no_data instead.")
            .named(
                    "snapshot.mode.configuration.based.snapshot.data",
                    "snapshot.mode.configuration.based.snapshot.schema",
                    "snapshot.mode.configuration.based.start.stream",
                    "snapshot.mode.configuration.based.snapshot.on.schema.error",
                    "snapshot.mode.configuration.based.snapshot.on.data.error")
            .noEffect("A copy always reads one repeatable-read snapshot.")
            .named("snapshot.isolation.mode")
            .refusedUnless(
                    Set.of("none", "shared"),
                    "A copy takes no lock for longer than a stride, and notices rewritten tables.")
            .named("snapshot.locking.mode")
            .refused("A copy takes no lock for longer than a stride, and notices rewritten tables.")
            .named("snapshot.locking.mode.custom.name")
            .differs("The default is 3000 and not 10000. A copy that does not get a lock tries again later.")
            .named("snapshot.lock.timeout.ms")
            .refusedUnless(Set.of("select_all"), "Rows are read by COPY; no class can replace the statement.")
            .named("snapshot.query.mode")
            .refused("Rows are read by COPY; no class can replace the statement.")
            .named("snapshot.query.mode.custom.name")
            .refused("All captured tables would be copied. Leave tables out by table.include.list, or set"
                    + " snapshot.mode=no_data.")
            .named("snapshot.include.collection.list")
            .dangerous(
                    "snapshot\\.select\\.statement\\.overrides(\\..+)?",
                    "Rows that its statements leave out would be"
                            + " sent. A row filter of the publication (PostgreSQL 15 and later) holds for copy and stream.")
            .named("snapshot.select.statement.overrides")
            .noEffect("A restart does not repeat the copy.")
            .named("snapshot.delay.ms", "streaming.delay.ms")
            .noEffect("COPY is read as it comes: see `snapshot.stride.size` and `max.queue.size.in.bytes`.")
            .named("snapshot.fetch.size", "query.fetch.size")
            .warnsUnless(Set.of("1"), "`tasks.max` says how many tasks copy: set it to this number.")
            .named("snapshot.max.threads")
            .noEffect("Tables are divided by `snapshot.chunk.size`; the largest table comes first.")
            .named(
                    "snapshot.max.threads.multiplier",
                    "legacy.snapshot.max.threads",
                    "snapshot.tables.order.by.row.count")
            // Signals
            .differs(
                    "A row of the table is a signal and is in no topic, also if the lists select the table. Each is answered on the control"
                            + " topic; unlike Debezium, tables need no key, and deleted rows are dealt with. Conditions are expressions"
                            + " of the table's own columns.")
            .named("signal.data.collection")
            .differs("`source`, `kafka`, and `message`, which Debezium does not have. No other channel is supported.")
            .named("signal.enabled.channels")
            .differs("The consumer has no group: how far the topic is read is part of the connector's offsets.")
            .named("signal.kafka.topic", "signal.kafka.bootstrap.servers")
            .noEffect("The consumer has no group: how far the topic is read is part of the connector's offsets.")
            .named("signal.kafka.groupId", "signal.kafka.poll.timeout.ms")
            .noEffect(
                    "Nothing is polled, and nothing is written to the source. A copy that a signal asks for is made like the"
                            + " first one: see `docs/operations.md`.")
            .named(
                    "signal.poll.interval.ms",
                    "signal.emit.failure.max.retries",
                    "signal.emit.failure.backoff.ms",
                    "incremental.snapshot.chunk.size",
                    "incremental.snapshot.watermarking.strategy",
                    "incremental.snapshot.allow.schema.changes")
            // Notifications
            .warns("The control topic has what notifications say.")
            .named("notification.enabled.channels", "notification.sink.topic.name")
            .refused("The connector calls no URL. Alerts can follow the control topic.")
            .named(
                    "notification.http.url",
                    "notification.http.timeout.ms",
                    "notification.http.retries",
                    "notification.http.allow.private.networks")
            // Runtime
            .same("max.batch.size")
            .noEffect("What waits in a task is bounded in bytes: `max.queue.size.in.bytes`.")
            .named("max.queue.size")
            .differs("The default is 16MB and not 0; 0 means the default.")
            .named("max.queue.size.in.bytes")
            .noEffect("Tasks wait without polling.")
            .named("poll.interval.ms", "poll.dispatch.interval.ms")
            .refusedUnless(Set.of("memory"), "What waits in a task is always in its memory.")
            .named("queue.provider.type")
            .warnsUnless(Set.of("-1"), "Transient errors are retried without end.")
            .named("errors.max.retries")
            .noEffect("Transient errors are retried by the task itself.")
            .named("retriable.restart.connector.wait.ms", "executor.shutdown.timeout.ms")
            .noEffect("There are no metrics of that kind.")
            .named("statistics.metrics.enabled", "custom.metric.tags")
            // Lineage
            .warnsUnless(Set.of("false"), "No lineage is reported.")
            .named("openlineage.integration.enabled")
            .noEffect("No lineage is reported.")
            .named(
                    "openlineage.integration.config.file.path",
                    "openlineage.integration.dataset.kafka.bootstrap.servers",
                    "openlineage.integration.job.description",
                    "openlineage.integration.job.namespace",
                    "openlineage.integration.job.owners",
                    "openlineage.integration.job.tags")
            .warnsFor("internal\\..+", "Internal settings of Debezium's have no effect.")
            .named("internal.NAME")
            // Names that Debezium had before
            .refused("It has a new name: topic.prefix.")
            .named("database.server.name")
            .refused("It has a new name: table.include.list.")
            .named("table.whitelist")
            .refused("It has a new name: table.exclude.list.")
            .named("table.blacklist")
            .refused("It has a new name: schema.include.list.")
            .named("schema.whitelist")
            .refused("It has a new name: schema.exclude.list.")
            .named("schema.blacklist")
            .refused("It has a new name: column.include.list.")
            .named("column.whitelist")
            .refused("It has a new name: column.exclude.list.")
            .named("column.blacklist")
            .refused("It has a new name: unavailable.value.placeholder.")
            .named("toasted.value.placeholder")
            .refused("It has a new name: field.name.adjustment.mode=avro.")
            .named("sanitize.field.names")
            .refused("It has a new name: slot.drop.on.stop.")
            .named("slot.drop_on_stop")
            .refused("It has a new name: skipped.operations.")
            .named("truncate.handling.mode")
            .all();

    private DebeziumSettings() {}

    /** Every setting, in the order in which they are documented. */
    static List<DebeziumSetting> all() {
        return ALL;
    }

    /** The setting of this name; empty if Debezium has none. */
    static Optional<DebeziumSetting> find(String name) {
        return ALL.stream().filter(setting -> setting.isNamed(name)).findFirst();
    }
}
