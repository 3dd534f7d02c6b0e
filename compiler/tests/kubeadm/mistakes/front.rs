//! Mistakes about what stands in front: nginx, and the address that moves.

use crate::kubeadm::compiled::{NEW, OLD, edited, example, in_order};

/// The document says `max_fails=0`: an API server that is gone gets its share of connections for ever.
#[test]
fn a_load_balancer_passes_over_an_api_server_that_is_gone() {
    let plan = example();
    for name in NEW {
        let nginx = plan.file(&format!("steps/47-start-load-balancers/{name}/nginx.conf"));
        let servers: Vec<_> =
            nginx.lines().filter_map(|line| line.trim().strip_prefix("server ").filter(|rest| rest.contains(':'))).collect();
        assert_eq!(servers.len(), 3, "{nginx}");
        for (server, address) in servers.iter().zip(["10.200.20.101", "10.200.20.102", "10.200.20.103"]) {
            assert_eq!(*server, format!("{address}:6443 max_fails=1 fail_timeout=10s;"));
        }
        assert!(nginx.contains("proxy_connect_timeout 1s;"), "the default is a minute");
        // Connections are passed on as they are: certificates of clients arrive.
        assert!(nginx.contains("stream {") && !nginx.contains("http {"));
    }
}

#[test]
fn nginx_that_serves_others_as_well_gets_one_file_and_no_more() {
    let plan = edited(&[("      port: 443\n", "      port: 443\n      configuration: included\n")]);
    let id = "47-start-load-balancers/master-1";
    let nginx = plan.file(&format!("steps/{id}/nginx.conf"));
    assert!(!nginx.contains("stream {") && !nginx.contains("events {") && nginx.contains("upstream kube_apiserver {"));
    assert_eq!(plan.step(id)["artifacts"][0]["destination"], "/etc/nginx/stream.d/kube-apiserver.conf");
    assert!(plan.part("10-prepare/master-1", "preconditions").contains("no stream block includes /etc/nginx/stream.d"));
    let run = plan.part(id, "run");
    in_order(&run, &["nginx -t", "systemctl reload nginx"]);
    assert!(!run.contains("systemctl restart nginx"), "what else it serves goes on");
    assert!(!plan.part(id, "rollback").contains("disable --now nginx"));
}

#[test]
fn nginx_that_serves_others_as_well_goes_on_where_nobody_is_led_to_the_api_any_more() {
    let plan = edited(&[("      port: 443\n", "      port: 443\n      configuration: included\n")]);
    let hand_over = plan.part("50-move-virtual-ip/hand-over", "run");
    assert!(!hand_over.contains("disable --now nginx"), "{hand_over}");
    in_order(&hand_over, &["/etc/nginx/stream.d/kube-apiserver.conf.removed-by-replank", "systemctl restart nginx"]);
    let back = plan.part("50-move-virtual-ip/hand-over", "rollback");
    in_order(&back, &["/etc/nginx/stream.d/kube-apiserver.conf.removed-by-replank", "systemctl restart nginx"]);
}

/// The document starts keepalived on the new machines and stops it on the old ones in one breath.
#[test]
fn new_candidates_wait_and_the_holder_stops_last() {
    let plan = example();
    let hand_over = plan.place("50-move-virtual-ip/hand-over");
    for name in NEW {
        let id = format!("50-move-virtual-ip/{name}");
        assert!(plan.place(&format!("47-start-load-balancers/{name}")) < plan.place(&id) && plan.place(&id) < hand_over);
        let conf = plan.file(&format!("steps/{id}/keepalived.conf"));
        in_order(conf, &["state BACKUP", "nopreempt", "virtual_router_id 241"]);
    }
    let run = plan.part("50-move-virtual-ip/hand-over", "run");
    in_order(
        &run,
        &[
            "holds the address: stops last",
            "systemctl kill --signal=TERM nginx",
            "systemctl stop keepalived",
            "systemctl disable keepalived",
        ],
    );
    let verify = plan.step("50-move-virtual-ip/hand-over")["verify"].to_string();
    assert!(verify.contains("^held by: (master-1|master-2|master-3)$"), "{verify}");
}

/// How long nobody holds the address follows from VRRP, and is said before it happens.
#[test]
fn the_gap_while_the_address_moves_is_predicted() {
    let plan = example();
    let step = plan.step("50-move-virtual-ip/hand-over");
    let gap = step["after"]["virtualIp"]["predictedGapMilliseconds"].as_u64().unwrap();
    assert!((1..1000).contains(&gap), "{gap}");
    assert!(step["words"]["risk"]["en"].as_str().unwrap().contains(&format!("about {gap} ms")));
}

/// At no moment a load balancer leads to a machine that does not serve.
#[test]
fn clients_are_led_to_api_servers_that_serve_at_every_step() {
    for step in example().steps() {
        let names = |list: &serde_json::Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let (led, serving) = (names(&step["after"]["loadBalancerUpstreams"]), names(&step["after"]["apiServers"]));
        assert!(!led.is_empty() && led.iter().all(|name| serving.contains(name)), "{}: {led:?} of {serving:?}", step["id"]);
    }
    assert_eq!(OLD.len(), NEW.len());
}
