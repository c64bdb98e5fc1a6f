    # This environment may be moved: it is where this script is.
    let here = ($env.FILE_PWD | path dirname)
    if not ($here | path join 'pyvenv.cfg' | path exists) {
        error make { msg: 'activate.nu: cannot tell where this environment is: it is relocatable, and was reached through a link' }
    }
