package io.pgseam.history;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.testing.PostgresServer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Draws what happens in a history, and when. */
final class Schedule {

    private static final int MOST_STEPS = 5;
    private static final int LATEST_MS = 1_200;
    private static final int WORKERS = 3;
    private static final int KINDS = 18;
    private static final int MOST_ACTS = 2;
    private static final int ACTS = 14;

    /** Those that come in every history. */
    private static final List<Moment> MOMENTS =
            List.of(Moment.CREATED, Moment.COPYING, Moment.HALF_COPIED, Moment.STREAMING);

    private final Random random;
    private final List<SampleTable> tables;

    private Schedule(Random random, List<SampleTable> tables) {
        this.random = random;
        this.tables = tables;
    }

    /**
     * Draws a schedule. Each kind of table that comes in between is decided by a source of its own, so that known seeds keep the rest
     * of their schedules.
     *
     * @param later of a table that comes at any time
     * @param joins of one that comes while the stream is at work, and of what happens while it is copied
     * @param people of what people do
     */
    static List<Step> of(Random random, List<SampleTable> tables, Random later, Random joins, Random people) {
        List<Step> steps = new Schedule(random, tables).steps();
        if (later.nextInt(3) == 0) {
            SampleTable added = new SampleTable(
                    "added", SampleTable.KeyForm.BIGINT, later.nextBoolean(), false, 100 + later.nextInt(1_000));
            Moment moment = MOMENTS.get(later.nextInt(MOMENTS.size()));
            steps.add(new Step(moment, later.nextInt(LATEST_MS), new Fault.AddTable(added)));
            steps.sort(Comparator.comparing(Step::moment));
        }
        if (joins.nextInt(3) == 0) {
            steps.addAll(joining(joins, tables));
            steps.sort(Comparator.comparing(Step::moment));
        }
        for (int count = people.nextInt(MOST_ACTS + 1); count > 0; count--) {
            Moment moment = MOMENTS.get(people.nextInt(MOMENTS.size()));
            steps.add(new Step(moment, people.nextInt(LATEST_MS), act(people, tables)));
            steps.sort(Comparator.comparing(Step::moment));
        }
        return steps;
    }

    /** The same, and everything that can happen to a pair, each at some moment. */
    static List<Step> ofPair(Random random, List<SampleTable> tables, List<Step> steps) {
        Schedule schedule = new Schedule(random, tables);
        List<Step> all = new ArrayList<>(steps);
        for (Fault fault : List.of(
                new PairFault.RestartStandby(schedule.choose(PostgresServer.Stop.values())),
                new PairFault.CutOff(500 + random.nextInt(4_000)),
                new PairFault.StopReplay(500 + random.nextInt(4_000)),
                new PairFault.Conflict(schedule.relation(), 200 + random.nextInt(2_000)),
                new PairFault.Promote())) {
            all.add(new Step(MOMENTS.get(random.nextInt(MOMENTS.size())), random.nextInt(LATEST_MS), fault));
        }
        all.sort(Comparator.comparing(Step::moment));
        return all;
    }

    /** A table comes that is large enough, and held back, for something to happen while it is copied. */
    private static List<Step> joining(Random random, List<SampleTable> tables) {
        SampleTable joined = new SampleTable(
                "joined",
                random.nextBoolean() ? SampleTable.KeyForm.UUID : SampleTable.KeyForm.BIGINT,
                random.nextBoolean(),
                random.nextInt(4) == 0,
                1_000 + random.nextInt(4_000));
        List<SampleTable> all = new ArrayList<>(List.of(joined));
        all.addAll(tables);
        Schedule schedule = new Schedule(random, all);
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(Moment.STREAMING, random.nextInt(LATEST_MS), new Fault.AddTable(joined)));
        steps.add(new Step(Moment.JOINING, 0, new Fault.HoldTable(joined.name(), 1_000 + random.nextInt(3_000))));
        for (int count = 1 + random.nextInt(3); count > 0; count--) {
            steps.add(new Step(Moment.JOINING, random.nextInt(LATEST_MS), schedule.fault()));
        }
        return steps;
    }

    private List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            // Small tables are copied in no time: where one is held back, more can happen meanwhile.
            steps.add(new Step(Moment.COPYING, 0, new Fault.HoldTable(relation(), 2_000 + random.nextInt(4_000))));
        }
        int count = 1 + random.nextInt(MOST_STEPS);
        for (int i = 0; i < count; i++) {
            Moment moment = MOMENTS.get(random.nextInt(MOMENTS.size()));
            steps.add(new Step(moment, random.nextInt(LATEST_MS), fault()));
        }
        // What is drawn first stays first within a moment.
        steps.sort(Comparator.comparing(Step::moment));
        return steps;
    }

    private Fault fault() {
        return switch (random.nextInt(KINDS)) {
            case 0 -> new Fault.RestartConnector(random.nextBoolean());
            case 1 -> new Fault.RestartTask(random.nextInt(WORKERS));
            case 2 -> new Fault.Interrupt(random.nextBoolean(), 500 + random.nextInt(1_500));
            case 3 -> new Fault.ChangeTasks(1 + random.nextInt(5));
            case 4, 5, 6 -> new Fault.Fail(failpoint(), false);
            case 7, 8 -> new Fault.Fail(failpoint(), true);
            case 9 -> new Fault.KillWorker(random.nextInt(WORKERS), random.nextInt(2_000));
            case 10 -> new Fault.StopWorker(random.nextInt(WORKERS), random.nextInt(2_000));
            case 11 -> new Fault.MoveLeader(random.nextBoolean());
            case 12 -> new Fault.TerminateBackends(random.nextBoolean());
            case 13 -> new Fault.RestartPostgres(choose(PostgresServer.Stop.values()));
            case 14 -> new Fault.RestartBroker();
            case 15 -> new Fault.CutConnections();
            case 16 -> new Fault.SlowConnections(20 + random.nextInt(200), 1_000 + random.nextInt(2_000));
            default -> new Fault.Rewrite(rewriting());
        };
    }

    private static Fault act(Random random, List<SampleTable> tables) {
        return switch (random.nextInt(ACTS)) {
            // A pause of a minute and a half is what was seen to fail; it is drawn less often, for it takes its time.
            case 0 -> new Act.LongPause(random.nextInt(3) == 0 ? 90_000 : 15_000);
            case 1, 2 -> new Act.ChangeSetting(Act.Setting.values()[random.nextInt(Act.Setting.values().length)]);
            case 3 -> new Act.SwapNames();
            case 4, 5 -> new Act.AddUnfitTable(Act.Unfit.values()[random.nextInt(Act.Unfit.values().length)]);
            case 6 -> new Act.OldTransaction(2_000 + random.nextInt(8_000));
            case 7 -> new Act.NewPassword(random.nextInt(5_000));
            case 8 -> new Act.RemakePublication(random.nextInt(3_000));
            case 9, 10 ->
                new Act.RestrictPublication(
                        Act.Restriction.values()[random.nextInt(Act.Restriction.values().length)],
                        random.nextInt(3_000));
            case 11, 12 -> new Fault.BlackHole(random.nextBoolean(), 2_000 + random.nextInt(8_000));
            // Also while the stream has large values of the table to look up.
            default -> new Fault.HoldTable(relation(random, tables), 1_000 + random.nextInt(6_000));
        };
    }

    private String rewriting() {
        SampleTable table = tables.get(random.nextInt(tables.size()));
        String relation = table.relations().get(random.nextInt(table.relations().size()));
        return switch (random.nextInt(6)) {
            case 0 -> "VACUUM FULL " + relation;
            case 1 -> "CLUSTER " + relation + " USING " + relation + "_pkey";
            case 2 -> "ALTER TABLE " + table.name() + " ALTER COLUMN n TYPE bigint";
            case 3, 4 -> "ALTER TABLE " + table.name() + " ADD COLUMN IF NOT EXISTS " + SampleTable.ADDED + " text";
            default -> "TRUNCATE " + tables.get(tables.size() - 1).name();
        };
    }

    private Failpoint failpoint() {
        return choose(Failpoint.values());
    }

    private String relation() {
        return relation(random, tables);
    }

    private static String relation(Random random, List<SampleTable> tables) {
        List<String> relations =
                tables.stream().flatMap(table -> table.relations().stream()).toList();
        return relations.get(random.nextInt(relations.size()));
    }

    private <T> T choose(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
