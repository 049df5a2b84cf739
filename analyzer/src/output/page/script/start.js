if (byId("traits")) traitTable(byId("traits"));
if (byId("heatmap")) heatmap(byId("heatmap"));
for (const [id, table] of Object.entries(data.tables)) if (table && byId(`table-${id}`)) longTable(id, table);
codonMap(byId("map"));
