package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The topics of the tables that a task has met. Tables that come up while it runs were not there to be validated, and must not
 * be mixed silently with others.
 */
public final class TopicClaims {

    private final TopicNaming naming;
    private final Map<String, TableId> owners = new HashMap<>();

    public TopicClaims(TopicNaming naming) {
        this.naming = naming;
    }

    /**
     * The topic of a table.
     *
     * @throws ConnectException where another table has it, which is not meant to share it
     */
    public String claim(TableId table) {
        String topic = naming.topicFor(table);
        TableId owner = owners.putIfAbsent(TopicNaming.metricName(topic), table);
        if (owner != null && !naming.mayShare(owner, table)) {
            throw new ConnectException("Tables " + owner.quoted() + " and " + table.quoted() + " would share the topic "
                    + topic + " (or differ from it only in dot and underscore): exclude one of them with"
                    + " table.exclude.list, or give it another topic with topic.mapping, and restart the task");
        }
        return topic;
    }
}
