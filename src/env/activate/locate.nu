    # This environment may be moved: it is where this script is.
    let here = ($env.FILE_PWD | path dirname)
    if not ($here | path join 'pyvenv.cfg' | path exists) {
        print -e 'activate.nu: cannot tell where this environment is: it is relocatable, and was reached through a link'
        error make { msg: 'not activated' } # without a word in nushell before 0.115
    }
